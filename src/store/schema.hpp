// Bringing the tables of a database to what sql/<database>/tables.sql says.
//
// `config.version` stays 3, so that a Perl SQLgrey can work on the same tables. Our own level is the row
// `sqlgrey_schema` of config: tables of a newer sqlgrey have a higher one, those of SQLgrey 1.8 none. What
// has to be done depends on the tables found (schema_plan.hpp), not on the level.
#pragma once

#include "session.hpp"
#include "sqlgrey/store/schema_report.hpp"
#include "wanted.hpp"

#include <map>

namespace sqlgrey::store {

// True if nothing has to be done; tables that are extra may be missing. Throws what migrate() throws.
bool is_up_to_date(Session& session, Database database);

// True if nothing has to be done to these tables. Throws what migrate() throws, also if one of their names is
// taken by another table.
bool is_up_to_date(Session& session, Database database, Extra extra);

// True if the tables have been up to date once, so a table that is missing now is not just being made. Throws
// soci::soci_error if there is no table config.
bool is_made(Session& session);

// Brings the tables up to date. Of several processes at once, one does it and the others wait. It may be
// interrupted anywhere and run again. Of duplicate rows of SQLgrey 1.8 those since `counts_since` count.
// Throws greylist::StoreError (Fault::schema), which says what to do, if the tables cannot be used,
// greylist::StoreUnavailable and soci::soci_error.
SchemaReport migrate(Session& session, Database database, base::Time counts_since);

// What migrate() would do. Only reads, and waits for no lock.
struct SchemaOutlook {
    bool from_perl = false;          // SQLgrey 1.8 made the tables
    bool no_tables = false;          // none exists
    std::vector<std::string> steps;  // what would be done first to each table
    std::map<Extra, std::vector<std::string>>
        extra_steps;                    // the same for those that are extra, if they can be made
    std::vector<std::string> problems;  // why it would not work, and what to do
    RowCounts rows;
    std::int64_t duplicates = 0;  // triplets with several rows
};
SchemaOutlook outlook(Session& session, Database database);

}  // namespace sqlgrey::store
