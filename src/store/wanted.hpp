// The tables of sql/<database>/tables.sql: the text, and what of it is compared with a database.
#pragma once

#include "sqlgrey/store/target.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::store {

using ColumnNames = std::vector<std::string>;

struct WantedColumn {
    std::string name;
    std::string definition;  // "rcpt varchar(255) not null"
    int length = 0;          // of a text; 0: not given

    bool is_time() const;
    bool is_bytes() const;      // MySQL: varbinary
    bool can_be_added() const;  // to a table with rows: it may be null, or has a default
};

struct WantedIndex {
    std::string name;
    ColumnNames columns;
};

struct WantedTable {
    std::string name;
    std::string statement;  // "create table ..."
    std::vector<WantedColumn> columns;
    std::vector<ColumnNames> keys;  // the primary key, then other unique sets of columns
    std::vector<WantedIndex> indexes;

    const WantedColumn* column(std::string_view column) const;
};

// Tables that sqlgrey decides without. If the database refuses to make them, only what they are for is left
// out.
enum class Extra {
    statistics,  // daily, daily_delay
    facts        // fact, spf_network
};
std::optional<Extra> extra_of(const WantedTable& table);

// In the order of the file, which is compiled into the program. Throws std::logic_error if there is a mistake
// in it.
const std::vector<WantedTable>& wanted_tables(Database database);

// The file itself.
std::string_view tables_text(Database database);

}  // namespace sqlgrey::store
