// Texts in the columns of MySQL and MariaDB become the bytes that Postfix sends.
//
// A Perl SQLgrey's connection is utf8mb4 on Debian 12 and was latin1 before. Through the first, a column
// holds characters, in whatever character set it is; through the second a latin1 column holds Postfix's bytes
// as they came. Both may have been in one table. So a text that is UTF-8, read as bytes, stays; any other is
// taken for characters of its column and becomes their UTF-8.
//
// ALTER TABLE keeps the bytes and forgets the character set, so that is noted in a row of config before, and
// goes in the same transaction in which the texts change. What cannot be converted, or would meet a row that
// is there, stays.
#pragma once

#include "schema_plan.hpp"

namespace sqlgrey::store {

// The next steps for the table; none: its texts are bytes. Throws soci::soci_error.
std::vector<Step> text_steps(Session& session, const WantedTable& wanted, const FoundTable& found,
                             Depth depth);

// How many rows no address will match: too long, or no UTF-8.
long long count_unmatched(Session& session, const WantedTable& wanted);

}  // namespace sqlgrey::store
