// The decision: a pure function of the triplet, what is known of it, the time and the policy. No clock, no
// database, no log, no text for people. The rules are 4 to 12 of src/greylist/README.md section 2.
#pragma once

#include "sqlgrey/base/choices.hpp"
#include "sqlgrey/greylist/outcome.hpp"
#include "sqlgrey/greylist/triplet.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sqlgrey::greylist {

using base::OptMethod;

struct Policy {
    base::Seconds reconnect_delay{std::chrono::minutes{5}};
    base::Seconds max_connect_age{std::chrono::hours{24}};
    base::Seconds awl_age{std::chrono::hours{24 * 60}};
    long long group_domain_level = 2;    // 0: a domain is never promoted
    long long connect_src_throttle = 0;  // 0: sources are never throttled
    // A client is auto-whitelisted after so many accepted retries; 0: never.
    long long auto_whitelist_clients = 0;
    OptMethod opt_method = OptMethod::none;
    // A letter is accepted without proof at its retry from this many other networks; 0: never.
    std::int64_t pool_unproven_retries = 0;
};

// What was found out about an attempt before the database is asked.
struct RequestFlags {
    bool suspicious = true;         // false: discrimination is on, and no rule marks it
    bool never_awl = false;         // a list says: never auto-whitelisted
    bool message_accepted = false;  // another recipient of the message has earned acceptance
};

// What the first rule that has an answer says. The rules, in their order:
//
//   opt_method        passes a recipient who has not opted in, or has opted out
//   discrimination    passes what no rule of discrimination.regexp marks
//   domain_awl        passes senders of a domain that is auto-whitelisted at this source
//   from_awl          passes a sender that is
//   client_awl        passes a client that is
//   reconnect_ok      passes a triplet first seen longer ago than reconnect_delay and within max_connect_age
//   unproven_retries  passes a letter that came back from pool_unproven_retries other networks, without a row
//   expected          passes what the administrator expects for the recipient (sqlgreyctl expect)
//   message_accepted  passes further recipients of a message of which one was accepted (a server that is
//                     deferred for one recipient of several may never try that one again: postgrey 1.37
//                     loses such mail)
//   early_reconnect   defers a triplet that retries within reconnect_delay
//   throttled         defers, without a row, a new source with too many triplets that wait
//   first_attempt     defers all others, and makes their row
//
// A sender that is never auto-whitelisted skips the three auto-whitelists and earns no row: its triplet
// stays, and passes until max_connect_age.
Outcome decide(const Triplet& triplet, const Known& known, base::Time now, const Policy& policy,
               const RequestFlags& flags = {});

// One thing that a rule looked at. A time is in seconds since 1970, a yes or no is 1 or 0; no value: there is
// no such row.
struct Observation {
    std::string_view name;
    std::optional<long long> value;
    bool operator==(const Observation&) const = default;
};
struct RuleReport {
    std::string_view rule;
    std::vector<Observation> saw;
    std::optional<Outcome> answer;  // none: the rule leaves the decision to the next
};

// What every rule sees and would answer, in order; decide() gives the first answer. `known` has to be looked
// up with Triplet::ask_all.
std::vector<RuleReport> explain(const Triplet& triplet, const Known& known, base::Time now,
                                const Policy& policy, const RequestFlags& flags = {});

// A row of an auto-whitelist counts for awl_age after it was last seen. All that asks this asks here.
bool awl_row_counts(base::Time last_seen, base::Time now, const Policy& policy);
// A row of domain_awl or from_awl lets the sender pass.
bool passes_by_awl(const Known& known, base::Time now, const Policy& policy);

// What an outcome changes of what is known of another request.
enum class Affected {
    nothing,
    source_counts,  // how many rows its source has; decides with connect_src_throttle only
    triplet
};

// Brings `known` of that triplet up to date with an outcome before it in the same batch, so that a batch ends
// as if its requests had come one after another. It cannot know how many other connect rows of the source a
// PutFromAwl removes; see moves_source_counts().
Affected apply(const Outcome& outcome, const Triplet& triplet, Known& known);

// True if after this change the src_* counts of others of the same source must be looked up anew.
bool moves_source_counts(const Change& change);
// The source a change is about.
const std::string& source_of(const Change& change);

// last_seen is written only when it moves by this much: an auto-whitelist hit then is a read.
inline constexpr base::Seconds touch_step{60};
// A client's accepted retries within this time count once, so that one message to many is no proof of many.
inline constexpr base::Seconds retry_step{3600};

}  // namespace sqlgrey::greylist
