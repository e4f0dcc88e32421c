// The tables as an administrator looks at them and changes them: by filters, a page at a time, so that a
// table of any size needs little memory here and holds no lock for long.
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
    organisation
};
inline constexpr std::size_t table_count = 12;

// A column as it is read and written. `generated`: the database makes it; it is read, and not written.
struct TableColumn {
    enum class Is { text, number, time, optional_time, seconds };  // seconds: a time that is a number there
    // What stays of two rows of one key when rows are put.
    enum class Merge { key, least, greatest, newer, generated };
    const char* name;
    Is is;
    Merge merge;
};

struct TableShape {
    TableName table;
    const char* name;
    std::vector<TableColumn> columns;
    const char* time;  // by which rows are sorted and filtered; null: it has none
    // The columns that filters are about; null: it has none.
    const char* client = nullptr;
    const char* sender_domain = nullptr;
    const char* sender_name = nullptr;
    const char* recipient = nullptr;
};
const TableShape& shape_of(TableName table);
// Nothing if there is no such table here.
std::optional<TableName> table_named(std::string_view name);

// One for each column; nothing: null.
using TableCell = std::variant<std::monostate, std::string, std::int64_t, base::Time>;
using TableRow = std::vector<TableCell>;

// Rows that have all of these. A filter whose column the table lacks must not be set.
struct TableFilter {
    static constexpr std::size_t most_clients = 8;
    std::vector<std::string> clients{};  // any of these; none: all
    std::optional<std::string> sender_domain{}, sender_name{};
    std::optional<std::string> recipient{};         // whole
    std::optional<std::string> recipient_domain{};  // all behind the '@'
    std::optional<base::Time> since{};              // TableShape::time is this or later
};

// What is known of a pool: an organisation whose clients count as one.
struct PoolRow {
    std::string pool;                     // its identity, as the column src of other tables has it
    std::int64_t networks = 0;            // in which its clients were seen
    std::optional<base::Time> last_seen;  // in one of these; none: only its counts are left
    std::int64_t never_came_back = 0;     // first attempts, as the cleaning has counted them
    bool is_crowd = false;
};
struct PoolFilter {
    std::vector<std::string> pools{};   // any of these, TableFilter::most_clients at most; none: all
    std::optional<base::Time> since{};  // last_seen is this or later
};

enum class SortBy : std::uint8_t { time, client, sender, recipient };  // time: the newest first

// For one thread. Every call comes back within half a minute or so, and throws greylist::StoreFailure.
class Administration {
  public:
    virtual ~Administration() = default;

    // By the database's clock.
    virtual base::Time now() = 0;
    virtual std::int64_t count(TableName table) = 0;
    // A row of the table `config`.
    virtual std::optional<std::string> fact(std::string_view name) = 0;

    // At most `limit` rows, sorted. `row` is called while they are read.
    virtual void sorted(TableName table, const TableFilter& filter, SortBy by, std::int64_t limit,
                        const std::function<void(const TableRow&)>& row) = 0;
    // The next rows behind that one by the order of their keys, page_size at most; fewer: that was the end.
    virtual std::vector<TableRow> page(TableName table, const TableFilter& filter,
                                       const std::optional<TableRow>& behind) = 0;
    static constexpr std::size_t page_size = 500;

    // At most `limit` pools, by time (the newest first) or by client (their names).
    virtual std::vector<PoolRow> pools(const PoolFilter& filter, SortBy by, std::int64_t limit) = 0;
    // How many auto-whitelisted senders and domains a pool has.
    virtual std::int64_t came_back(const std::string& pool) = 0;

    // Each is one transaction, and gives how many rows it changed. Rows are found by their keys.
    virtual std::int64_t erase(TableName table, std::span<const TableRow> rows) = 0;
    // Moves first_seen of rows of connect back to that time; what is older stays.
    virtual void move_back(std::span<const TableRow> rows, base::Time first_seen) = 0;
    // Inserts rows; of one that is there each column stays as TableColumn::Merge says. Putting rows again
    // changes nothing.
    virtual void put(TableName table, std::span<const TableRow> rows) = 0;
};

enum class AdministrationMode {
    look,    // writes nothing, makes no file
    change,  // the tables must be there
    make     // makes the tables if they are not there
};

// Throws greylist::StoreFailure, also if the tables are not there or not up to date (but with `make`).
std::unique_ptr<Administration> open_administration(const Target& target, AdministrationMode mode);

}  // namespace sqlgrey::store
