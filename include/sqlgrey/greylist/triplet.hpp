// The values of a decision: the question (Triplet), what the database has about it (Known) and the rows to
// write (Change). Plain values, normalised when they are made.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/facts.hpp"
#include "sqlgrey/mail/address.hpp"

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace sqlgrey::greylist {

// One question: may this client deliver mail of this sender to this recipient?
// All text is as stored in the tables (src/greylist/README.md sections 4, 5 and 8).
struct Triplet {
    std::string src;  // identity of the client
    std::string sender_domain;
    std::string sender_name;  // as sent; key of connect
    std::string deverped;     // sender_name deverped; key of from_awl
    std::string rcpt;
    // The recipient as stored in the opt-in and opt-out tables; empty: they are not looked up.
    std::string opt_email{};
    std::string opt_domain{};
    // False: the lookup ends at an auto-whitelist that has the sender. Must be true for a sender that is
    // never auto-whitelisted.
    bool ask_all = true;
    mail::OwnHashes own_hashes = 0;  // of deverped
    // False: the rows and retries of src are not counted, because the client has another identity for that.
    bool count_client = true;
    bool operator==(const Triplet&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Triplet& triplet);

// The text in a form that all three databases store unchanged, at most `limit` bytes: bytes that are not
// valid UTF-8, NUL, control characters and a trailing blank (which MySQL ignores in comparisons) become \xHH.
// Never cuts within a character or an escape.
std::string storable(std::string_view text, std::size_t limit);

// A row of an auto-whitelist.
struct Seen {
    base::Time first;
    base::Time last;
    bool operator==(const Seen&) const = default;
};

// A row of client_awl: how many retries of a client were accepted.
struct RetryCount {
    long long count = 0;
    base::Time last_counted;
    base::Time last_seen;
    bool operator==(const RetryCount&) const = default;
};

// Which of the opt-in and opt-out tables have the recipient.
struct Opted {
    bool in_domain = false;
    bool in_email = false;
    bool out_domain = false;
    bool out_email = false;
    bool operator==(const Opted&) const = default;
};

// A letter, that is the same sender and recipient as sent, that came from several networks (/24, /64) of
// clients without a pool. Nothing proves that these belong together.
struct Unproven {
    base::Time first;           // the first attempt
    std::int64_t networks = 0;  // of the first attempt and of retries after reconnect_delay
    bool has_network = false;   // the client's network is one of them
    bool operator==(const Unproven&) const = default;
};

// Retries of a letter that came after its delay and were deferred (retry_count). Those of the same minute
// count once.
struct Retries {
    std::int64_t count = 0;
    std::optional<base::Time> last;
    bool operator==(const Retries&) const = default;
};

// What the database has about one triplet. If Triplet::ask_all is false and a row of domain_awl or from_awl
// counts, the members after it, except `opted`, may be left out.
struct Known {
    std::optional<Seen> domain_awl;           // row of (src, sender_domain), expired or not
    std::optional<Seen> from_awl;             // row of (src, sender_domain, deverped), expired or not
    std::optional<base::Time> connect;        // first_seen of the triplet's own row
    long long senders_known = 0;              // rows of from_awl for (src, sender_domain), expired or not;
                                              // only with group_domain_level
    std::optional<base::Time> oldest_sender;  // the least first_seen of those
    // Number of rows of src in each table, only with connect_src_throttle. For domain_awl 1 means any number;
    // the others need not be counted then.
    long long src_connect = 0;
    long long src_domain_awl = 0;
    long long src_from_awl = 0;
    std::optional<RetryCount> client_awl;  // row of src, expired or not; only with auto_whitelist_clients
    Opted opted;                           // only with an opt_method
    // The latest expires_at of the recipient's rows in expectation, of this sender domain or of any.
    std::optional<base::Time> expected_until;
    std::optional<Unproven> unproven;    // only with pool_unproven_retries, for a client without a pool
    Retries retries{};                   // only with retry_count greater than 1
    std::optional<ClientFacts> facts{};  // only with enrich, for strangers
    bool operator==(const Known&) const = default;
};

// Changes are idempotent: two workers that decide the same thing at once leave the same rows.

// Sets last_seen of the domain_awl row to `now`.
struct TouchDomainAwl {
    std::string src, sender_domain;
    base::Time now;
    bool operator==(const TouchDomainAwl&) const = default;
};
// Sets last_seen of the from_awl row to `now`.
struct TouchFromAwl {
    std::string src, sender_domain, deverped;
    base::Time now;
    bool operator==(const TouchFromAwl&) const = default;
};
// Inserts the triplet's row in connect. An existing row starts again if first seen before `counts_since`, and
// stays otherwise.
struct PutConnect {
    Triplet triplet;
    base::Time now;
    base::Time counts_since;
    bool replaces_row = false;  // the lookup found a row that no longer counts
    bool operator==(const PutConnect&) const = default;
};
// Writes a row of from_awl and deletes the connect rows of (src, sender_domain) whose sender name `deverped`
// matches, up to a limit.
struct PutFromAwl {
    std::string src, sender_domain, deverped;
    base::Time first_seen;
    base::Time now;
    mail::OwnHashes own_hashes = 0;  // of deverped
    bool replaces_row = false;       // the lookup found a row that no longer counts
    bool operator==(const PutFromAwl&) const = default;
};
// Writes a row of domain_awl and deletes the from_awl rows of (src, sender_domain), and the connect rows up
// to a limit.
struct PutDomainAwl {
    std::string src, sender_domain;
    base::Time first_seen;
    base::Time now;
    bool operator==(const PutDomainAwl&) const = default;
};
// Counts an accepted retry in the client's row of client_awl, at most one an hour (retry_step). A row last
// seen before `counts_since` starts again at one.
struct CountRetry {
    std::string src;
    base::Time now;
    base::Time counts_since;
    bool operator==(const CountRetry&) const = default;
};
// Sets last_seen of the client_awl row to `now`.
struct TouchClientAwl {
    std::string src;
    base::Time now;
    bool operator==(const TouchClientAwl&) const = default;
};
// Remembers the network as the pool's. If another pool was seen in it within pool_memory, it is shared by
// customers and counts as no pool's for that time.
struct RememberPool {
    std::string src;       // the pool
    std::string network;   // see net::pool_network()
    std::string evidence;  // the client's name; empty with privacy_key_file
    base::Time now;
    bool operator==(const RememberPool&) const = default;
};
using Change = std::variant<TouchDomainAwl, TouchFromAwl, TouchClientAwl, PutConnect, PutFromAwl,
                            PutDomainAwl, CountRetry, RememberPool>;

}  // namespace sqlgrey::greylist
