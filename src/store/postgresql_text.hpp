// Texts that a Perl SQLgrey wrote into a PostgreSQL database in UTF8 become the bytes that Postfix sends.
//
// DBD::Pg takes each byte that it is given for a character of Latin-1 and sends that as UTF-8: of é, two
// bytes, four are stored. So a text whose characters, taken for bytes, are UTF-8 again becomes that. Where
// the row would then meet another it stays. A Perl SQLgrey does not do so with "alter role ... set
// client_encoding = 'SQL_ASCII'" (HOWTO.md, section 7).
#pragma once

#include "schema_plan.hpp"

namespace sqlgrey::store {

// For tables that SQLgrey 1.8 may have written. None where the database is not in UTF8: there Perl's bytes
// arrive as they are. Throws soci::soci_error.
std::vector<Step> steps_to_single_utf8(Session& session, const Catalog& catalog);

// How many rows of the table are such still.
long long count_double_utf8(Session& session, const WantedTable& wanted);

}  // namespace sqlgrey::store
