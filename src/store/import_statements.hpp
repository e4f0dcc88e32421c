// The statements of an import that are its own, each over a list of rows as the dialect takes lists.
#pragma once

#include "dialect.hpp"
#include "prepared.hpp"

#include <cstddef>

namespace sqlgrey::store::import_statements {

// Parameters of a row: src, sender_domain, deverped. Columns: the row's number, last_seen of domain_awl,
// first_seen and last_seen of from_awl.
Sql look_up_senders(const Dialect& dialect, std::size_t rows);
// src, sender_domain, sender_name, rcpt. Columns: the row's number, first_seen of connect.
Sql look_up_triplets(const Dialect& dialect, std::size_t rows);
// src. Columns: the row's number, passes, first_seen and last_seen of client_awl.
Sql look_up_clients(const Dialect& dialect, std::size_t rows);

// Two that write the same row at once leave what the later of them would have left alone, or better: of each
// time and number the one that says more.
//
// sender_name, sender_domain, src, first_seen, last_seen
Sql put_senders(const Dialect& dialect, std::size_t rows);
// sender_name, sender_domain, src, rcpt, first_seen; behind them all the time since when rows count
Sql put_triplets(const Dialect& dialect, std::size_t rows);
// src, passes, last_counted, first_seen, last_seen; behind them all the time since when rows count
Sql put_clients(const Dialect& dialect, std::size_t rows);

}  // namespace sqlgrey::store::import_statements
