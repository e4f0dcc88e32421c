// The schema (sql/<database>/tables.sql) and how a database comes to it.
//
// `config.version` stays 3, which tells a Perl SQLgrey that it can work here; our own level is the row
// `sqlgrey_schema` beside it. It tells tables of a newer sqlgrey, and those that SQLgrey 1.8 made; what there
// is to do is told by what is there (schema_plan.hpp).
#pragma once

#include "session.hpp"
#include "sqlgrey/store/schema_report.hpp"

namespace sqlgrey::store {

// True if nothing is missing. Throws as migrate().
bool is_up_to_date(Session& session, Database database);

// True if the tables were brought up to date once: what is missing now is not being made at this moment.
// Throws soci::soci_error if there is no table config.
bool is_made(Session& session);

// Does what is missing, if anything is. One process among all that try at once does it, the others wait. May
// be cut off anywhere and run again. `counts_since`: which of Perl's duplicates still count. Throws
// greylist::StoreError (Fault::schema) when the tables cannot be used, with what to do;
// greylist::StoreUnavailable or soci::soci_error.
SchemaReport migrate(Session& session, Database database, base::Time counts_since);

// What migrate() would do; changes nothing and waits for nobody.
struct SchemaOutlook {
    bool from_perl = false;             // SQLgrey 1.8 made the tables
    bool no_tables = false;             // there are none yet
    std::vector<std::string> steps;     // the first of those that would be done
    std::vector<std::string> problems;  // why it would not work, and what to do
    RowCounts rows;
    long long duplicates = 0;  // of triplets
};
SchemaOutlook outlook(Session& session, Database database);

}  // namespace sqlgrey::store
