// The statements, each once for all databases, with what it must guarantee when two workers run it.
#pragma once

#include "dialect.hpp"
#include "prepared.hpp"

#include <cstddef>
#include <string>

namespace sqlgrey::store::statements {

// The first columns of look_up, in order.
enum LookUp : std::size_t {
    key,
    domain_first,
    domain_last,
    from_first,
    from_last,
    connect_first,
    siblings,
    oldest_sender,
    now,
    first_of_parts
};
// What is looked up only where a setting or a triplet needs it. The columns of each part stand behind
// first_of_parts, those of the parts that are asked for one behind the other.
struct Parts {
    bool sources = false;  // 1 where src is in domain_awl; else its rows in connect, and in from_awl
    bool clients = false;  // client_awl: passes, last_counted, last_seen
    bool siblings = true;  // the two columns of that name; else they are null
    bool opted = false;    // 1 where it is in optin_domain, optin_email, optout_domain, optout_email
    bool behind_awl =
        false;  // from_awl and the rest even if domain_awl has a row; the rest even if from_awl has

    std::size_t first_of_sources() const { return first_of_parts; }
    std::size_t first_of_clients() const { return first_of_sources() + (sources ? 3 : 0); }
    std::size_t first_of_opted() const { return first_of_clients() + (clients ? 3 : 0); }
    std::string name() const {
        return std::string{sources ? "sources_" : ""} + (siblings ? "" : "alone_") +
               (clients ? "clients_" : "") + (opted ? "opted_" : "") + (behind_awl ? "behind_awl_" : "");
    }
    std::size_t columns() const { return first_of_opted() + (opted ? 4 : 0); }
};

// All that is known of `rows` keys. Parameters of each key: src, sender_domain, sender_name, deverped, rcpt;
// with `opted` also the recipient's domain and address. What one statement shows was true at one moment.
Sql look_up(const Dialect& dialect, std::size_t rows, const Parts& parts);

// Parameters of each row: sender_name, sender_domain, src, rcpt, first_seen; then counts_since. If another
// worker has inserted a row meanwhile, the older first_seen stays.
Sql put_connect(const Dialect& dialect, std::size_t rows);

// Parameters: last_seen; then of each row src, sender_domain (and sender_name).
Sql touch_domain_awl(const Dialect& dialect, std::size_t rows);
Sql touch_from_awl(const Dialect& dialect, std::size_t rows);
// Parameters: last_seen; then of each row src.
Sql touch_client_awl(const Dialect& dialect, std::size_t rows);
// Parameters of each row: src, 1, last_counted, first_seen, last_seen; then twice: the time before which a
// row starts again, and the time up to which it may have been counted last to be counted now. Two workers
// within an hour count one.
Sql count_pass(const Dialect& dialect, std::size_t rows);

// Parameters of each row: sender_name, sender_domain, src, first_seen, last_seen. Two workers write the same
// row twice.
Sql put_from_awl(const Dialect& dialect, std::size_t rows);
// Parameters of each row: src, sender_domain, pattern of sender_name.
Sql forget_connect_of_sender(const Dialect& dialect, std::size_t rows);

// Parameters of each row: sender_domain, src, first_seen, last_seen. Two workers write the same row twice.
Sql put_domain_awl(const Dialect& dialect, std::size_t rows);
// Parameters of each row: src, sender_domain.
Sql forget_connect_of_domain(const Dialect& dialect, std::size_t rows);
Sql forget_from_awl_of_domain(const Dialect& dialect, std::size_t rows);

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

// -- lists -----------------------------------------------------------------------------------
// Parameter: now. Columns: id, list, entry of the rows that have not expired, in the order of their ids.
Sql list_rows(const Dialect& dialect);
// Parameters: how many more, last_hit, id. Adds, so that no worker's hits are lost.
Sql count_hits(const Dialect& dialect);

}  // namespace sqlgrey::store::statements
