// The decision: a pure function of the triplet, what is known of it, the time and the policy.
// No clock, no database, no log. The rules are those of behaviour.md section 2, steps 6 to 11.
#pragma once

#include "sqlgrey/greylist/triplet.hpp"

#include <iosfwd>
#include <optional>

namespace sqlgrey::greylist {

struct Policy {
    base::Seconds reconnect_delay{std::chrono::minutes{5}};
    base::Seconds max_connect_age{std::chrono::hours{24}};
    base::Seconds awl_age{std::chrono::hours{24 * 60}};
    long long group_domain_level = 2;    // 0: a domain is never promoted
    long long connect_src_throttle = 0;  // 0: sources are never throttled
};

enum class Verdict { domain_awl, from_awl, early_reconnect, reconnect_ok, throttled, first_attempt };
std::ostream& operator<<(std::ostream& out, Verdict verdict);

struct Decision {
    Verdict verdict;
    std::optional<Change> change;
    base::Seconds waited{};  // reconnect_ok: since the first attempt
};

// What to do about one triplet.
Decision decide(const Triplet& triplet, const Known& known, base::Time now, const Policy& policy);

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

}  // namespace sqlgrey::greylist
