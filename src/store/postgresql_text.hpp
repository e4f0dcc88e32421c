// Turns text that a Perl SQLgrey wrote into a PostgreSQL database in UTF8 into the bytes that Postfix sends.
//
// DBD::Pg takes each byte for a Latin-1 character and sends that as UTF-8: é, which is two bytes, is stored
// as four. So a text whose characters, taken for bytes, are UTF-8 again is replaced by that UTF-8. A row
// that would then have the key of another stays as it is. After "alter role ... set client_encoding =
// 'SQL_ASCII'" a Perl SQLgrey stores the bytes as they are (HOWTO.md, section 7).
#pragma once

#include "schema_plan.hpp"

namespace sqlgrey::store {

// For tables that SQLgrey 1.8 may have written to. No steps if the database is not in UTF8, because then
// Perl's bytes were stored as they were. Throws soci::soci_error.
std::vector<Step> steps_to_single_utf8(Session& session, const Catalog& catalog);

// The number of rows of the table that still have such text.
std::int64_t count_double_utf8(Session& session, const WantedTable& wanted);

}  // namespace sqlgrey::store
