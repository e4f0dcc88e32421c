// What has to be done to the tables of a database, worked out from the tables themselves. There is no record
// of earlier migrations, so an interrupted one, or a dropped table, is no special case.
#pragma once

#include "catalog.hpp"
#include "sqlgrey/base/time.hpp"
#include "wanted.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sqlgrey::store {

struct Step {
    enum class Need {
        needed,  // sqlgrey cannot work without it
        useful,  // always done; if the database refuses, sqlgrey works without it
        wished   // done only when tables of another level are brought to ours
    };
    Need need;
    std::string table;
    std::string what;  // "make table connect", "add an index of first_seen to connect"
    std::vector<std::string> statements;
    bool merges = false;           // its last statement deletes duplicates
    bool converts = false;         // texts become bytes
    std::optional<Extra> extra{};  // what the table is for; then it is `useful`
};

struct SchemaPlan {
    std::vector<Step> steps;            // the next ones of each table; what follows them is in the next plan
    std::vector<std::string> problems;  // why the tables cannot be used, and what to type
    std::map<Extra, std::vector<std::string>> problems_of;  // the same for tables that are extra
};

// With `rows` the plan also depends on the rows, which takes long in large tables. With `shape` it has a step
// for each table that needs one, but its statements must not be run: duplicates may have to be merged before
// a key is made.
enum class Depth { shape, rows };

// Of duplicate rows of SQLgrey 1.8 those since `counts_since` count. Throws soci::soci_error.
SchemaPlan plan_schema(Session& session, Database database, const Catalog& catalog, Depth depth,
                       base::Time counts_since = {});

// How many values of these columns have several rows, which are merged before the columns can be a key.
std::int64_t count_duplicates(Session& session, const std::string& table, const ColumnNames& key);

}  // namespace sqlgrey::store
