// Pieces of SQL that several tables have in common.
#pragma once

#include "tables.hpp"

#include <string>

namespace sqlgrey::store {

// "first_seen = <that of the row to be inserted>, last_seen = ..."
std::string both_times_excluded(const SqlWords& words);
// "<column> = <the lesser (<) or greater (>) of the value in the table and the one to be inserted>"
std::string pick(const SqlWords& words, const std::string& table, const std::string& column, char comparison);

// Parameters: last_seen; then of each row its key. Two workers that do it leave the same row.
Sql touch(const Dialect& dialect, const std::string& table, const Columns& key, std::size_t rows);
// Parameters: of each row its columns. Deletes rows of connect, at most 10,000 in one run.
Sql forget_connect(const Dialect& dialect, const Columns& columns, std::size_t rows);

// Parameters: the time before which rows expire, rows in a slice. Column: the time of the first expired row
// behind a slice; no row: no more than a slice is left.
Sql slice_end(const Dialect& dialect, const std::string& table, const std::string& column);
// Parameter: the time. Deletes the rows older than it.
Sql expire(const Dialect& dialect, const std::string& table, const std::string& column);

// The same for tables whose column expires_at is a number of seconds since 1970.
Sql slice_end_of_numbers(const std::string& table);
Sql expire_by_number(const std::string& table);

// "with k as (<a list of rows with these columns>)\nselect k.n"
Sql with_keys(const Dialect& dialect, const Columns& columns, std::size_t rows);

}  // namespace sqlgrey::store
