// The decision: pure functions of a triplet, what is known about it, the time and the policy. No clock,
// database or log; any thread. The rules are 4 to 13 of src/greylist/README.md section 2.
#pragma once

#include "sqlgrey/base/choices.hpp"
#include "sqlgrey/greylist/facts.hpp"
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
    // Accepted retries after which a client is auto-whitelisted; 0: never.
    long long auto_whitelist_clients = 0;
    OptMethod opt_method = OptMethod::none;
    // Other networks a letter must have come from to pass without proof (Unproven); 0: never.
    std::int64_t pool_unproven_retries = 0;
    std::int64_t retry_count = 1;  // so many retries must come after the delay; the last one passes
    // The trust from which a client on a DNS whitelist passes; nothing: it never does.
    std::optional<Trust> dnswl_pass{};
    // From this sum of weights on a client counts as listed (ClientFacts::dnsbl): it waits for dnsbl_delay
    // instead of reconnect_delay, if that is longer, and is not auto-whitelisted.
    std::int64_t dnsbl_threshold = 1;
    base::Seconds dnsbl_delay{};  // 0: being listed changes nothing
    // A sender whose SPF result is fail waits for this instead of reconnect_delay, if it is longer.
    base::Seconds spf_fail_delay{};
    // Clients that the SPF record of the sender's domain covers count as one (domain_identity()).
    bool spf_identity = false;
    // How long a suspect that is deferred waits for the reply (RequestFlags::may_sleep); 0: not at all.
    base::Seconds tarpit{};
    // A first attempt that waits in the tarpit is not deferred: the message passes if the client is still
    // there when it has waited.
    bool targrey = false;
};

// What is known about an attempt before the lookup.
struct RequestFlags {
    bool suspicious = true;         // false: discrimination is on and none of its rules matches
    bool never_awl = false;         // never_whitelist_clients or never_whitelist_senders has an entry
    bool message_accepted = false;  // another recipient of the message has passed; see is_earned()
    bool may_sleep = false;         // the tarpit is for this client and message, and not stopped
    bool has_slept = false;         // another recipient of the message has waited in the tarpit
    bool survived_tarpit = false;   // targrey: the client was there when its message had waited
};

// The outcome of the first rule that answers. The rules, in order:
//
//   opt_method        passes a recipient who has not opted in, or has opted out
//   discrimination    passes a request that no rule of discrimination.regexp matches
//   domain_awl        passes a sender whose domain is auto-whitelisted for this source
//   from_awl          passes a sender auto-whitelisted for this source
//   client_awl        passes an auto-whitelisted client
//   dnswl             passes a client that a DNS whitelist trusts
//   survived_tarpit   with targrey: passes a message that has waited in the tarpit, unless delayed longer
//   reconnect_ok      passes a triplet first seen more than delay_of() and at most max_connect_age ago, if
//                     this is its retry_count-th retry
//   unproven_retries  passes a letter seen from pool_unproven_retries other networks; promotes nothing
//   expected          passes mail the administrator expects for the recipient (sqlgreyctl expect)
//   message_accepted  passes further recipients of a message that has passed for one (some servers never
//                     retry when one of several recipients is deferred: postgrey 1.37 loses such mail)
//   early_reconnect   defers a retry within delay_of(), and one before the retry_count-th; notes the latter
//   throttled         defers a new source that has too many waiting triplets; no row
//   first_attempt     defers everything else and writes its row
//
// A sender that is never auto-whitelisted skips the three auto-whitelists and dnswl, and is not promoted: its
// triplet stays, and passes until max_connect_age. Nor is that of a client that DNS blacklists have.
Outcome decide(const Triplet& triplet, const Known& known, base::Time now, const Policy& policy,
               const RequestFlags& flags = {});

// One value a rule depends on. Times are in seconds since 1970, booleans are 1 or 0; no value: no such row.
struct Observation {
    std::string_view name;
    std::optional<long long> value;
    bool operator==(const Observation&) const = default;
};
struct RuleReport {
    std::string_view rule;
    std::vector<Observation> saw;
    std::optional<Outcome> answer;  // none: the next rule is tried
};

// What every rule sees and would answer, in order; decide() returns the first answer. Needs a `known` looked
// up with Triplet::ask_all.
std::vector<RuleReport> explain(const Triplet& triplet, const Known& known, base::Time now,
                                const Policy& policy, const RequestFlags& flags = {});

// How long this triplet must wait: reconnect_delay, or for a client on DNS blacklists (dnsbl_delay) and for a
// sender whose SPF record excludes the client (spf_fail_delay) longer.
base::Seconds delay_of(const Known& known, const Policy& policy);
// The greatest of these delays.
base::Seconds longest_delay(const Policy& policy);
// True if a DNS whitelist trusts the client as much as dnswl_pass wants.
bool is_trusted(const Known& known, const Policy& policy);
// True if DNS blacklists have the client, and that matters.
bool is_listed(const Known& known, const Policy& policy);

// True while an auto-whitelist row counts: for awl_age after last_seen.
bool awl_row_counts(base::Time last_seen, base::Time now, const Policy& policy);
// True if a row of domain_awl or from_awl counts.
bool passes_by_awl(const Known& known, base::Time now, const Policy& policy);

// What an outcome changes for a later request of the batch.
enum class Affected {
    nothing,
    source_counts,  // Known::src_*; they matter with connect_src_throttle only
    triplet
};

// Updates what is known about `triplet` with an earlier outcome of the same batch, so that the batch ends as
// if its requests had come one after another. How many connect rows of the source a PutFromAwl deletes is
// not known here; see moves_source_counts().
Affected apply(const Outcome& outcome, const Triplet& triplet, Known& known);

// True if this change makes the looked-up src_* counts of its source wrong.
bool moves_source_counts(const Change& change);
// The `src` of a change.
const std::string& source_of(const Change& change);

// last_seen is written only if it moves by this much, so that most auto-whitelist hits write nothing.
inline constexpr base::Seconds touch_step{60};
// Accepted retries of a client within this time count once, so that one message to many recipients does too.
inline constexpr base::Seconds retry_step{3600};

}  // namespace sqlgrey::greylist
