// The tables as sqlgreyctl reads and changes them: by filters and a page at a time, so that a table of any
// size takes little memory and no lock is held for long.
#pragma once

#include "sqlgrey/store/target.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sqlgrey::store {

enum class TableName : std::uint8_t {
    connect,
    from_awl,
    domain_awl,
    client_awl,
    optin_domain,
    optin_email,
    optout_domain,
    optout_email,
    lists,
    expectation,
    pool,
    organisation,
    daily,
    daily_delay,
    fact,
    spf_network
};
inline constexpr std::size_t table_count = 16;

// A column: how it is stored, and what Administration::put() does with it.
struct TableColumn {
    enum class Is { text, number, time, optional_time, seconds };  // seconds: a time stored as a number
    // What stays if there is a row of that key: the lesser, the greater or the new value. `generated`: the
    // database makes the value, so it is read and never written.
    enum class Merge { key, least, greatest, newer, generated };
    const char* name;
    Is is;
    Merge merge;
};

struct TableShape {
    TableName table;
    const char* name;
    std::vector<TableColumn> columns;  // those of the key first
    const char* time;                  // rows are sorted and filtered by it; null: none
    // The columns that filters compare; null: the table has none.
    const char* client = nullptr;
    const char* sender_domain = nullptr;
    const char* sender_name = nullptr;
    const char* recipient = nullptr;
    // sqlgrey finds its rows out again, so they are neither exported nor imported.
    bool is_cache = false;
};
// For any thread, like table_named().
const TableShape& shape_of(TableName table);
// Nothing if no table has this name.
std::optional<TableName> table_named(std::string_view name);

// A value; std::monostate is SQL's null.
using TableCell = std::variant<std::monostate, std::string, std::int64_t, base::Time>;
// A cell for each of TableShape::columns.
using TableRow = std::vector<TableCell>;

// Selects the rows that meet everything set here. A filter whose column the table lacks must not be set.
struct TableFilter {
    static constexpr std::size_t most_clients = 8;
    std::vector<std::string> clients{};  // any of these, at most most_clients; empty: all
    std::optional<std::string> sender_domain{}, sender_name{};
    std::optional<std::string> recipient{};         // the whole address
    std::optional<std::string> recipient_domain{};  // everything after the '@'
    std::optional<base::Time> since{};              // TableShape::time is this or later
};

// What the database has about a pool: an organisation whose clients count as one.
struct PoolRow {
    std::string pool;                     // its identity: src in other tables
    std::int64_t networks = 0;            // in which its clients were seen
    std::optional<base::Time> last_seen;  // in any of them; none: only its counts are left
    std::int64_t never_came_back = 0;     // first attempts never retried, as the cleaning counts them
    bool is_crowd = false;
};
struct PoolFilter {
    std::vector<std::string> pools{};   // any of these, at most TableFilter::most_clients; empty: all
    std::optional<base::Time> since{};  // last_seen is this or later
};

enum class SortBy : std::uint8_t { time, client, sender, recipient };  // time: newest first

// For one thread. Each call takes administration_limit at most, or what open_administration() was given, and
// throws greylist::StoreFailure.
class Administration {
  public:
    virtual ~Administration() = default;

    // The time by the database's clock.
    virtual base::Time now() = 0;
    // False: the table is missing or must not be read. sqlgrey decides without those of statistics and facts.
    virtual bool has(TableName table) = 0;
    // The number of rows.
    virtual std::int64_t count(TableName table) = 0;
    // The number of letters that wait: rows of connect without greylist::is_second_row().
    virtual std::int64_t waiting() = 0;
    // The value of that name in `config`; nothing if it is not there.
    virtual std::optional<std::string> fact(std::string_view name) = 0;

    // Calls `row` for at most `limit` rows in that order, while they are read. Of connect without
    // greylist::is_second_row().
    virtual void sorted(TableName table, const TableFilter& filter, SortBy by, std::int64_t limit,
                        const std::function<void(const TableRow&)>& row) = 0;
    // The next page_size rows after `behind`, or the first ones, in the order of their keys. Fewer: the end.
    virtual std::vector<TableRow> page(TableName table, const TableFilter& filter,
                                       const std::optional<TableRow>& behind) = 0;
    static constexpr std::size_t page_size = 500;

    // The rows that a query returns, a cell for each of these columns: text or number. The query, which must
    // be one of ours, limits their number.
    virtual std::vector<TableRow> ask(const std::string& query, std::span<const TableColumn::Is> columns) = 0;

    // At most `limit` pools, by time (newest first) or by client (the pool's name).
    virtual std::vector<PoolRow> pools(const PoolFilter& filter, SortBy by, std::int64_t limit) = 0;
    // The number of rows of from_awl and domain_awl that a pool has.
    virtual std::int64_t came_back(const std::string& pool) = 0;

    // Each of these is one transaction.
    //
    // Deletes the rows with the keys of these, and returns how many there were.
    virtual std::int64_t erase(TableName table, std::span<const TableRow> rows) = 0;
    // Sets first_seen of rows of connect, found by their keys, to that time if it is later.
    virtual void move_back(std::span<const TableRow> rows, base::Time first_seen) = 0;
    // Inserts rows; a row with the same key is merged as TableColumn::Merge says. Putting rows again changes
    // nothing.
    virtual void put(TableName table, std::span<const TableRow> rows) = 0;
};

enum class AdministrationMode {
    look,    // writes nothing, makes no file
    change,  // the tables must be there
    make     // makes the tables or brings them up to date
};

// Throws greylist::StoreFailure, also if the tables are missing or out of date (except with `make`).
inline constexpr base::Milliseconds administration_limit{30'000};
std::unique_ptr<Administration> open_administration(const Target& target, AdministrationMode mode,
                                                    base::Milliseconds limit = administration_limit);

}  // namespace sqlgrey::store
