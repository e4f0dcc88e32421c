// The lookup of a batch: one statement made of parts. A part is what a table, or several, know of a triplet;
// a new one is a LookUpPart in a table's file.
#pragma once

#include "prepared.hpp"
#include "sqlgrey/greylist/decide.hpp"
#include "statement.hpp"
#include "store_clock.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sqlgrey::store {

// The text of a lookup while its parts add to it. In it `k` is the list of keys: src, sender_domain,
// sender_name, deverped, rcpt.
class LookUpQuery {
  public:
    LookUpQuery(const Dialect& dialect, bool behind_awl) : dialect_(dialect), behind_awl_(behind_awl) {}

    const SqlWords& words() const { return dialect_.words; }
    // A column more, which is a number; columns are read in the order in which they were added.
    void column(const std::string& expression) { columns_.push_back(expression); }
    // Joins the table's row whose primary key has these values.
    using Equalities = std::vector<std::pair<std::string, std::string>>;
    void join(const std::string& table, const std::string& as, const Equalities& key);
    // A column more of each key, which is a text.
    void key(const char* name) { keys_.push_back({name}); }

    // k.src, or null where domain_awl has a row, and nothing behind that is asked for. src is not null, so
    // comparing it with null makes the database skip the row's search.
    std::string src_behind_domain_awl() const;
    // The same where domain_awl or from_awl has one.
    std::string src_behind_awl() const;
    // k.rcpt, or null there, too.
    std::string rcpt_behind_awl() const;

    Sql sql(std::size_t rows) const;

  private:
    const Dialect& dialect_;
    bool behind_awl_;
    Columns keys_{{"src"}, {"sender_domain"}, {"sender_name"}, {"deverped"}, {"rcpt"}};
    std::vector<std::string> columns_;
    std::string joins_;
};

// The columns of a row of the lookup, one after another.
class LookUpRow {
  public:
    LookUpRow(const Prepared& row, std::size_t first) : row_(row), next_(first) {}

    std::optional<std::int64_t> number() { return row_.number(next_++); }
    std::optional<base::Time> time() { return row_.time(next_++); }
    // first_seen and last_seen of a row that may not be there.
    std::optional<greylist::Seen> seen();

  private:
    const Prepared& row_;
    std::size_t next_;
};

struct LookUpPart {
    const char* name;
    bool (*is_wanted)(const greylist::Policy& policy);  // null: always
    void (*add)(LookUpQuery& query);
    // Reads as many columns as add() has added.
    void (*read)(LookUpRow& row, greylist::Known& known);
    // The keys that add() has added, in their order; null: none.
    void (*bind)(Prepared& row, const greylist::Triplet& triplet) = nullptr;
    // Those it reads, but for the three of SQLgrey 1.8 that every lookup reads; for who does not make them.
    std::vector<const char*> tables = {};
};

// Set: also what stands behind a row of domain_awl or from_awl.
inline constexpr PartSet behind_awl = PartSet{1} << 31;

// Of all tables, in their order; bit i of a PartSet is the i-th.
const std::vector<LookUpPart>& look_up_parts();
PartSet all_parts();
PartSet parts_for(const greylist::Policy& policy);

// All that is known of the keys; one statement shows one moment.
Sql look_up_sql(const Dialect& dialect, const StatementKey& key);
// Binds one key.
void bind_triplet(Prepared& row, const greylist::Triplet& triplet, PartSet parts);
// The columns of a row of the result: the number of its key, the database's clock, and what the parts read.
struct LookUpResult {
    std::size_t key;
    base::Time now;  // meaningful where the database has a clock
    greylist::Known known;
};
LookUpResult read_look_up(const Prepared& row, PartSet parts);
// Runs it over these triplets.
greylist::Facts look_up(Session& session, const StoreClock& clock,
                        std::span<const greylist::Triplet> triplets, PartSet parts);

}  // namespace sqlgrey::store
