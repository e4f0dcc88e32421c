// The lookup of a batch: one statement made of parts. A part asks one or several tables about each triplet; a
// new one is a LookUpPart in a table's file.
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
// sender_name, deverped, rcpt, and what parts add.
class LookUpQuery {
  public:
    enum class Scope {
        until_awl,  // nothing behind a row of domain_awl or from_awl
        all,
        elsewhere  // all, under another identity: k.src or, if that is empty, the pool of p, a row of `pool`
    };
    LookUpQuery(const Dialect& dialect, Scope scope) : dialect_(dialect), scope_(scope) {}

    const SqlWords& words() const { return dialect_.words; }
    // Adds a column to the result, after the number of the key. Columns are read in the order in which they
    // were added.
    void column(const std::string& expression, Kind kind = Kind::number);
    // Joins the table's row whose primary key has these values.
    using Equalities = std::vector<std::pair<std::string, std::string>>;
    void join(const std::string& table, const std::string& as, const Equalities& key);
    // Adds a column to the keys, which is a text.
    void key(const char* name) { keys_.push_back({name}); }

    // The identity whose rows are looked up.
    std::string src() const;
    // The same, or null where domain_awl has a row and the scope is until_awl. src is never null in a table,
    // so the database does not search for a null.
    std::string src_behind_domain_awl() const;
    // The same for a row of domain_awl or from_awl.
    std::string src_behind_awl() const;
    // The same with a column of k.
    std::string behind_awl(const std::string& key) const;

    Sql sql(std::size_t rows) const;

  private:
    const Dialect& dialect_;
    Scope scope_;
    Columns keys_{{"src"}, {"sender_domain"}, {"sender_name"}, {"deverped"}, {"rcpt"}};
    std::vector<std::string> columns_;
    std::vector<Kind> kinds_;
    std::string joins_;
};

// Reads the columns of a row of the result, one after another.
class LookUpRow {
  public:
    explicit LookUpRow(const Prepared& row) : row_(row) {}

    // The number of its key, always the first column.
    std::size_t key() { return static_cast<std::size_t>(number().value_or(0)); }
    std::optional<std::int64_t> number() { return row_.number(next_++); }
    std::optional<base::Time> time() { return row_.time(next_++); }
    std::string text() { return row_.text(next_++); }
    // first_seen and last_seen; nothing if there is no row.
    std::optional<greylist::Seen> seen();

  private:
    const Prepared& row_;
    std::size_t next_ = 0;
};

struct LookUpPart {
    const char* name;
    bool (*is_wanted)(const greylist::Policy& policy);  // null: always
    void (*add)(LookUpQuery& query);
    // Reads as many columns as add() has added.
    void (*read)(LookUpRow& row, greylist::Known& known);
    // Binds the keys that add() has added, in their order; null: none.
    void (*bind)(Prepared& row, const greylist::Triplet& triplet) = nullptr;
    // The tables that it reads, except the three that every lookup reads. ReadingStore skips a part whose
    // table is missing.
    std::vector<const char*> tables = {};
    bool is_asked_elsewhere = false;  // also a part of the lookup under other identities
};

// A bit of a PartSet: also look up what is behind a row of domain_awl or from_awl.
inline constexpr PartSet behind_awl = PartSet{1} << 31;

// The parts of all tables, in the order of tables(). Bit i of a PartSet is the i-th.
const std::vector<LookUpPart>& look_up_parts();
PartSet all_parts();
PartSet parts_for(const greylist::Policy& policy);
PartSet parts_elsewhere();

// Looks up all that is known of the keys. One statement sees one moment.
Sql look_up_sql(const Dialect& dialect, const StatementKey& key);
// What look_up_sql() and the lookup under other identities have in common. Binds the keys that every query
// has, and those that its parts have added.
void add_parts(LookUpQuery& query, PartSet parts);
void bind_triplet(Prepared& row, const greylist::Triplet& triplet);
// The key of parts that count the rows or retries of src: src, or an empty text, for which nothing is found,
// if they are not to be counted.
void bind_counted_src(Prepared& row, const greylist::Triplet& triplet);
void bind_parts(Prepared& row, const greylist::Triplet& triplet, PartSet parts);
greylist::Known read_parts(LookUpRow& columns, PartSet parts);
// Runs it over these triplets. Within a visit.
greylist::Facts look_up(Session& session, const StoreClock& clock,
                        std::span<const greylist::Triplet> triplets, PartSet parts);

}  // namespace sqlgrey::store
