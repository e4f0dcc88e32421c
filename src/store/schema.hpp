// The schema and its migrations (sql/<database>/NNN_name.sql).
//
// `config.version` stays 3, which tells a Perl SQLgrey that it can work here; our own level is the row
// `sqlgrey_schema` beside it: the number of the last migration that was run.
#pragma once

#include "session.hpp"

namespace sqlgrey::store {

// True if no migration is missing. Throws as migrate().
bool is_up_to_date(Session& session, Database database);

// Runs the migrations that are missing, if any. One process among all that try at once does it, the others
// wait. May be cut off anywhere and run again. `counts_since`: which of Perl's duplicates still count. Throws
// greylist::StoreUnavailable or soci::soci_error.
void migrate(Session& session, Database database, base::Time counts_since);

}  // namespace sqlgrey::store
