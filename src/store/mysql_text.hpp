// Turns text columns of MySQL and MariaDB into the bytes that Postfix sends.
//
// A Perl SQLgrey's connection is utf8mb4 on Debian 12 and was latin1 before. With utf8mb4 a column holds
// characters, in whatever character set it has; with latin1 a latin1 column holds Postfix's bytes as they
// came. A table may have both. So a text whose bytes are UTF-8 stays, and any other is read in the character
// set of its column and converted to UTF-8.
//
// ALTER TABLE keeps the bytes and forgets the character set. So the character set is noted in a row of config
// first, which is deleted in the transaction that converts the texts. A text that cannot be converted, or
// whose row would then have the key of another, stays as it is.
#pragma once

#include "schema_plan.hpp"

namespace sqlgrey::store {

// The next steps for the table; none if its texts are bytes. Throws soci::soci_error.
std::vector<Step> text_steps(Session& session, const WantedTable& wanted, const FoundTable& found,
                             Depth depth);

// How many rows no address can match, because their text is too long or not UTF-8.
std::int64_t count_unmatched(Session& session, const WantedTable& wanted);

}  // namespace sqlgrey::store
