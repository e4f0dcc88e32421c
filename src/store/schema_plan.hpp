// What has to be done to the tables of a database, from what it has. Nothing is remembered of what has been
// done before: whoever was cut off, or finds a table dropped, goes on from what is there.
#pragma once

#include "catalog.hpp"
#include "sqlgrey/base/time.hpp"

#include <string>
#include <vector>

namespace sqlgrey::store {

struct Step {
    enum class Need {
        needed,  // without it sqlgrey cannot work
        useful,  // done whenever it is missing; if it is refused, sqlgrey works without it
        wished   // done where tables of another level are brought to ours
    };
    Need need;
    std::string table;
    std::string what;  // "make table connect", "add an index of first_seen to connect"
    std::vector<std::string> statements;
    bool merges = false;    // its last statement deletes duplicates
    bool converts = false;  // texts become bytes
};

struct SchemaPlan {
    std::vector<Step> steps;            // one a table, those after it show when it has been done
    std::vector<std::string> problems;  // why it cannot be done at all, and what to type
};

// `rows`: whether rows are looked at too, which takes long in large tables. If not, the plan has a step for
// each table that needs one, but its statements are not to be run: a key may need duplicates to be merged
// before.
enum class Depth { shape, rows };

// `counts_since`: which of Perl's duplicates still count. Throws soci::soci_error.
SchemaPlan plan_schema(Session& session, Database database, const Catalog& catalog, Depth depth,
                       base::Time counts_since = {});

// How many rows are there more than once for what is to be a key.
long long count_duplicates(Session& session, const std::string& table, const ColumnNames& key);

}  // namespace sqlgrey::store
