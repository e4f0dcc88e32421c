// The values a decision is made of: what is asked (Triplet), what the database knows of it
// (Known) and what is to be written (Change). Built once at the edge, already normalised.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/mail/address.hpp"

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace sqlgrey::greylist {

// One question: may this client deliver mail of this sender to this recipient?
// All texts are as the tables hold them (src/greylist/README.md sections 4, 5 and 8).
struct Triplet {
    std::string src;  // identity of the client
    std::string sender_domain;
    std::string sender_name;  // as sent; key of connect
    std::string deverped;     // what it stands for; key of from_awl
    std::string rcpt;
    // The recipient as the opt-in and opt-out tables hold it; empty: they are not asked.
    std::string opt_email{};
    std::string opt_domain{};
    // False: where an auto-whitelist has the sender, nothing further is looked up. Only for a sender that
    // may be auto-whitelisted.
    bool ask_all = true;
    mail::OwnHashes own_hashes = 0;  // of deverped
    bool operator==(const Triplet&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Triplet& triplet);

// The text as all three databases can hold it, at most `limit` bytes: bytes that are not valid UTF-8, NUL,
// control characters and a blank at the end (which MySQL would not compare) become \xHH; nothing is cut in
// half.
std::string storable(std::string_view text, std::size_t limit);

// A row of an auto-whitelist.
struct Seen {
    base::Time first;
    base::Time last;
    bool operator==(const Seen&) const = default;
};

// A row of client_awl: how often a client was accepted after a retry.
struct RetryCount {
    long long count = 0;
    base::Time last_counted;
    base::Time last_seen;
    bool operator==(const RetryCount&) const = default;
};

// In which of the opt-in and opt-out tables the recipient is.
struct Opted {
    bool in_domain = false;
    bool in_email = false;
    bool out_domain = false;
    bool out_email = false;
    bool operator==(const Opted&) const = default;
};

// A letter that came from clients of which none proves that it belongs to another: the same sender and
// recipient from several networks (/24, /64).
struct Unproven {
    base::Time first;           // the first attempt
    std::int64_t networks = 0;  // that of the first attempt, and those of the retries after the delay
    bool has_network = false;   // the client's is one of them
    bool operator==(const Unproven&) const = default;
};

// All that decide() may ask about one triplet. Where Triplet::ask_all is false and a row of domain_awl or
// from_awl lets it pass, the members after that row (but `opted`) may be left out.
struct Known {
    std::optional<Seen> domain_awl;           // row of (src, sender_domain), expired or not
    std::optional<Seen> from_awl;             // row of (src, sender_domain, deverped), expired or not
    std::optional<base::Time> connect;        // first_seen of the triplet's own row
    long long senders_known = 0;              // rows of from_awl for (src, sender_domain); only with
                                              // group_domain_level
    std::optional<base::Time> oldest_sender;  // the least first_seen of those
    // Rows of src in each table, only with connect_src_throttle. Of domain_awl one stands for any number, and
    // if there is one those of the others need not be counted.
    long long src_connect = 0;
    long long src_domain_awl = 0;
    long long src_from_awl = 0;
    std::optional<RetryCount> client_awl;  // row of src, expired or not; only with auto_whitelist_clients
    Opted opted;                           // only with an opt_method
    // Until then the administrator expects mail for the recipient, of this domain or of any.
    std::optional<base::Time> expected_until;
    std::optional<Unproven> unproven;  // only with pool_unproven_retries, of a client without a pool
    bool operator==(const Known&) const = default;
};

// Changes are idempotent: two workers that decide the same thing at once leave the same rows.

// last_seen of the domain_awl row moves to `now`.
struct TouchDomainAwl {
    std::string src, sender_domain;
    base::Time now;
    bool operator==(const TouchDomainAwl&) const = default;
};
// last_seen of the from_awl row moves to `now`.
struct TouchFromAwl {
    std::string src, sender_domain, deverped;
    base::Time now;
    bool operator==(const TouchFromAwl&) const = default;
};
// The triplet's row in connect: inserted; one first seen before `counts_since` starts again; any other stays.
struct PutConnect {
    Triplet triplet;
    base::Time now;
    base::Time counts_since;
    bool replaces_row = false;  // one that no longer counts was there at the lookup
    bool operator==(const PutConnect&) const = default;
};
// A row of from_awl; the connect rows of (src, sender_domain) whose name `deverped` stands for go, where
// there are very many not all of them.
struct PutFromAwl {
    std::string src, sender_domain, deverped;
    base::Time first_seen;
    base::Time now;
    mail::OwnHashes own_hashes = 0;  // of deverped
    bool replaces_row = false;       // one that no longer counts was there at the lookup
    bool operator==(const PutFromAwl&) const = default;
};
// A row of domain_awl; the from_awl and connect rows of (src, sender_domain) go, of connect where there are
// very many not all of them.
struct PutDomainAwl {
    std::string src, sender_domain;
    base::Time first_seen;
    base::Time now;
    bool operator==(const PutDomainAwl&) const = default;
};
// A client was accepted after a retry: its row of client_awl counts one more, but at most one an hour; one
// last seen before `counts_since` starts again at one.
struct CountRetry {
    std::string src;
    base::Time now;
    base::Time counts_since;
    bool operator==(const CountRetry&) const = default;
};
// last_seen of the client_awl row moves to `now`.
struct TouchClientAwl {
    std::string src;
    base::Time now;
    bool operator==(const TouchClientAwl&) const = default;
};
// The network is remembered as the pool's. If it is another's already, and that has been seen within the time
// that counts, it is no pool's for that time: it is a network of customers.
struct RememberPool {
    std::string src;      // the pool
    std::string network;  // see net::pool_network()
    std::string evidence;
    base::Time now;
    bool operator==(const RememberPool&) const = default;
};
using Change = std::variant<TouchDomainAwl, TouchFromAwl, TouchClientAwl, PutConnect, PutFromAwl,
                            PutDomainAwl, CountRetry, RememberPool>;

}  // namespace sqlgrey::greylist
