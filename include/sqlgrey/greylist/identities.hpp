// The decision over several identities of one client. A sender that an auto-whitelist has under the first is
// not looked up under the others. For unknown senders those count too, so that a row is found whatever the
// client's identity was when it was written: src/greylist/README.md section 5. Pure functions; any thread.
#pragma once

#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/greylist/triplet.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::greylist {

// How long a network counts as a pool's after a client of the pool was seen in it, and how often that is
// written.
inline constexpr base::Seconds pool_memory{std::chrono::hours{24 * 7}};
inline constexpr base::Seconds pool_memory_step{std::chrono::hours{24}};

// The identity (src) that the clients share which the SPF record of a sender's domain covers (spf_identity):
// domain_mark and the domain as stored, shortened as net::pool_identity() does. No other identity begins so.
inline constexpr char domain_mark = '=';
std::string domain_identity(std::string_view sender_domain);

// What is known about a sender under one identity, triplet.src.
struct Rung {
    Triplet triplet;
    Known known;
    bool is_client = false;  // the identity that client_awl and connect_src_throttle use
    bool is_domain = false;  // domain_identity()
};

struct Ladder {
    Rung home;  // the identity of new rows
    std::vector<Rung> others{};
    // False: only its network makes the client one of the pool. Rows of the other rungs let it pass, but are
    // not copied to the pool.
    bool is_verified = true;
    std::optional<RememberPool> memory{};  // written together with other changes, never alone
    // With pool_unproven_retries, for a client without a pool: row_of_letter() of its network.
    std::optional<Triplet> letter{};
};

// How retries without proof are counted: each network a letter came from has a row in connect. Its src is
// this one, which no client has; its sender_name is a hash of sender name and recipient, its rcpt the
// network. So no further table, column or index is needed, and the rows expire with the waiting triplets.
inline constexpr std::string_view src_of_letters = "*";
Triplet row_of_letter(const Triplet& letter, const std::string& network);

// With retry_count, each minute in which a retry was deferred has a row, too. Its rcpt is the number of the
// minute, its sender_name another hash than row_of_letter()'s.
Triplet row_of_retry(const Triplet& letter, base::Time when);
// The number of the minute.
std::int64_t minute_of(base::Time when);

// True for the src of a row of connect that a letter has besides the one it waits under: a network it came
// from, or the identity of its sender's domain. Such rows are neither listed nor counted.
bool is_second_row(std::string_view src);

// decide() for the home rung, with the rows of all rungs: an auto-whitelist row of another rung is also
// written at home, and the earliest attempt counts. A triplet that passes is also promoted under every other
// identity it has waited under, as a Perl SQLgrey on the same database would do. With connect_src_throttle,
// which counts the rows of single clients, a first attempt also has a row under the client's own identity;
// and with a domain's identity, under that. A triplet that passes is promoted there in any case.
Outcome decide(const Ladder& ladder, base::Time now, const Policy& policy, const RequestFlags& flags = {});

// What is known under all identities together, as the rules see it.
Known known_of(const Ladder& ladder, base::Time now, const Policy& policy);

// The triplet of the connect row that an early retry matched; otherwise that of the home rung.
const Triplet& waiting_triplet(const Ladder& ladder, const Outcome& outcome);

// Updates all rungs with an earlier outcome of the same batch. Returns the greatest effect on any of them.
Affected apply(const Outcome& outcome, Ladder& ladder);

}  // namespace sqlgrey::greylist
