// The decision on one request, whether the request itself, a list, a rule or an outage decided. The reply,
// the log line and the counters are made from it.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/triplet.hpp"
#include "sqlgrey/lists/lists.hpp"

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::greylist {

enum class Verdict {
    // The request alone decides.
    not_a_policy_request,
    unusable,  // no client address or no recipient
    // A list decides.
    whitelisted,
    blacklisted,
    // A rule decides; see decide().
    opted_out,     // the recipient does not want greylisting
    unsuspicious,  // no rule of discrimination.regexp matches
    domain_awl,
    from_awl,
    client_awl,
    dnswl,  // a DNS whitelist has the client
    reconnect_ok,
    expected,          // the administrator expects mail for this recipient
    message_accepted,  // the message has passed for another recipient
    early_reconnect,
    throttled,
    first_attempt,
    // The failure policy decides.
    store_unavailable,
    rows_locked  // by another transaction
};
inline constexpr std::size_t verdict_count = static_cast<std::size_t>(Verdict::rows_locked) + 1;
// The name of the enumerator.
std::string_view name(Verdict verdict);
std::ostream& operator<<(std::ostream& out, Verdict verdict);

// True if the triplet has passed by waiting, or its sender or client had done so before: reconnect_ok and the
// auto-whitelists. Further recipients of such a message pass (message_accepted).
bool is_earned(Verdict verdict);

struct Outcome {
    Verdict verdict{};
    // What matched: the name of the rule that answered; the row it read (first_seen twice for connect); the
    // number of the rule of discrimination.regexp that matched, 0 for none; the list entry that decided or
    // forbids auto-whitelisting, valid as long as the lists.
    std::string_view rule{};
    std::optional<Seen> row{};
    unsigned discrimination_rule = 0;
    std::optional<lists::EntryRef> entry{};

    base::Seconds waited{};         // reconnect_ok: time since the first attempt
    base::Seconds delay{};          // early_reconnect, first_attempt: how long the triplet must wait in all
    base::Seconds left{};           // the same: time until a retry passes; at least 1 s
    std::vector<Change> changes{};  // written before the reply is sent
    std::string id{};               // deferral_id(), with reply_id only; empty: none
    base::Seconds sleep{};          // early_reconnect, first_attempt: Postfix waits that long with the reply
    bool goes_on = false;           // first_attempt, with targrey: the message is not deferred yet
};

// When the triplet was first seen, if it waits once the changes are written: a first attempt or an early
// retry. Nothing otherwise; a throttled request has no row.
std::optional<base::Time> waits_since(const Outcome& outcome);

}  // namespace sqlgrey::greylist
