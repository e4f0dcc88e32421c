// The statements, each once for all databases, with what it must guarantee when two workers run it.
#pragma once

#include "dialect.hpp"
#include "prepared.hpp"

#include <cstddef>

namespace sqlgrey::store::statements {

// Columns of look_up, in order.
enum LookUp : std::size_t {
    key,
    domain_first,
    domain_last,
    from_first,
    from_last,
    connect_first,
    siblings,
    oldest_sibling,
    src_connect,
    src_domain_awl,
    src_from_awl,
    now
};

// All that is known of `rows` keys. Parameters of each key: src, sender_domain, sender_name, deverped, rcpt.
// With `source_counts` also the rows of the source in each table. One statement: what it shows was true at
// one moment.
Sql look_up(const Dialect& dialect, std::size_t rows, bool source_counts);

// Parameters of each row: sender_name, sender_domain, src, rcpt, first_seen; then counts_since. If another
// worker has inserted a row meanwhile, the older first_seen stays.
Sql put_connect(const Dialect& dialect, std::size_t rows);

// Parameters: last_seen; then of each row src, sender_domain (and sender_name).
Sql touch_domain_awl(const Dialect& dialect, std::size_t rows);
Sql touch_from_awl(const Dialect& dialect, std::size_t rows);

// Parameters: sender_name, sender_domain, src, first_seen, last_seen. Two workers write the same row twice.
Sql put_from_awl(const Dialect& dialect);
// Parameters: src, sender_domain, pattern of sender_name.
Sql forget_connect_of_sender(const Dialect& dialect);

// Parameters: sender_domain, src, first_seen, last_seen. Two workers write the same row twice.
Sql put_domain_awl(const Dialect& dialect);
// Parameters: src, sender_domain.
Sql forget_connect_of_domain(const Dialect& dialect);
Sql forget_from_awl_of_domain(const Dialect& dialect);

// -- cleaning --------------------------------------------------------------------------------
// Column: the database's clock.
Sql read_clock(const Dialect& dialect);
// Parameter: name. Column: value.
Sql read_config(const Dialect& dialect);
// Parameters: new value, name, old value. Changes one row for the one who comes first, none for the others.
Sql swap_config(const Dialect& dialect);
// Parameters: name, value. Does nothing if it is there.
Sql add_config(const Dialect& dialect);
// Parameters: name, value. Inserted or overwritten.
Sql put_config(const Dialect& dialect);

// Parameters: limit, number of rows in a slice. Column: the time of the first expired row behind a slice; no
// row: no more than a slice is left.
Sql slice_end(const Dialect& dialect, const std::string& table, const std::string& column);
// Parameter: rows older than this go.
Sql expire(const Dialect& dialect, const std::string& table, const std::string& column);
// Parameter: older than this. Columns: src, sender_name, sender_domain, rcpt, first_seen as shown.
Sql never_retried(const Dialect& dialect);

}  // namespace sqlgrey::store::statements
