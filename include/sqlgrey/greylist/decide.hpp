// The decision: a pure function of the triplet, what is known of it, the time and the policy.
// No clock, no database, no log. The rules are those of behaviour.md section 2, steps 2 to 11.
#pragma once

#include "sqlgrey/base/choices.hpp"
#include "sqlgrey/greylist/triplet.hpp"

#include <iosfwd>
#include <optional>

namespace sqlgrey::greylist {

using base::OptMethod;

struct Policy {
    base::Seconds reconnect_delay{std::chrono::minutes{5}};
    base::Seconds max_connect_age{std::chrono::hours{24}};
    base::Seconds awl_age{std::chrono::hours{24 * 60}};
    long long group_domain_level = 2;    // 0: a domain is never promoted
    long long connect_src_throttle = 0;  // 0: sources are never throttled
    // A client is auto-white-listed after so many accepted retries; 0: never.
    long long auto_whitelist_clients = 0;
    OptMethod opt_method = OptMethod::none;
};

// What was found out about an attempt before the database is asked.
struct RequestFlags {
    bool suspicious = true;         // false: discrimination is on, and no rule marks it
    bool never_awl = false;         // a list says: never auto-white-listed
    bool message_accepted = false;  // another recipient of the message has earned acceptance
};

enum class Verdict {
    opted_out,     // the recipient does not want greylisting
    unsuspicious,  // discrimination lets it through
    domain_awl,
    from_awl,
    client_awl,
    early_reconnect,
    reconnect_ok,
    message_accepted,  // accepted because another recipient of the message is
    throttled,
    first_attempt
};
std::ostream& operator<<(std::ostream& out, Verdict verdict);

struct Decision {
    Verdict verdict;
    std::optional<Change> change;
    base::Seconds waited{};  // reconnect_ok: since the first attempt
    base::Seconds left{};    // early_reconnect, first_attempt: until a retry is accepted; 1 or more
    // reconnect_ok, with auto_whitelist_clients: the client's row counts it.
    std::optional<CountRetry> pass{};
};

// What to do about one triplet.
//
// A sender that is never auto-white-listed earns no row either: its triplet stays, and passes until
// max_connect_age. A message of which one recipient was accepted is accepted for all (postgrey 1.37 loses
// such mail: a sender's server that is refused one recipient of several may never try it again).
Decision decide(const Triplet& triplet, const Known& known, base::Time now, const Policy& policy,
                const RequestFlags& flags = {});

// Brings `known` of that triplet up to date with a change that was decided before it in the same
// batch, so that a batch ends as if its requests had come one after another. One thing it cannot know: how
// many other connect rows of the source a PutFromAwl removes; see moves_source_counts().
void apply(const Change& change, const Triplet& triplet, Known& known);

// True if after this change the src_* counts of others of the same source must be looked up anew.
bool moves_source_counts(const Change& change);
// The source a change is about.
const std::string& source_of(const Change& change);

// last_seen is written only when it moves by this much: an auto-white-list hit then is a read.
inline constexpr base::Seconds touch_step{60};
// A client's accepted retries within this time count once, so that one message to many is no proof of many.
inline constexpr base::Seconds retry_step{3600};

}  // namespace sqlgrey::greylist
