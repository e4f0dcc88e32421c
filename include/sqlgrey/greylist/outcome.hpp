// What was decided about one request, whether its own text, a list, a rule or an outage decided. The reply,
// the log line and every count are made of it.
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
    unsuspicious,  // discrimination lets it through
    domain_awl,
    from_awl,
    client_awl,
    reconnect_ok,
    expected,          // the administrator expects mail for this recipient
    message_accepted,  // another recipient of the message is accepted
    early_reconnect,
    throttled,
    first_attempt,
    // Nothing can decide, and the failure policy answers.
    store_unavailable,
    rows_locked  // by a transaction of another program
};
inline constexpr std::size_t verdict_count = static_cast<std::size_t>(Verdict::rows_locked) + 1;
// The name of the enumerator.
std::string_view name(Verdict verdict);
std::ostream& operator<<(std::ostream& out, Verdict verdict);

// The message has earned acceptance by waiting, itself or its sender before it: what `message_accepted`
// refers to.
bool is_earned(Verdict verdict);

struct Outcome {
    Verdict verdict{};
    // What matched: the rule that answered, by name; the row it read (of connect: first_seen twice); the
    // number of the rule of discrimination.regexp that marked the request; the list entry that decided or
    // that forbids auto-whitelisting, valid as long as the lists.
    std::string_view rule{};
    std::optional<Seen> row{};
    unsigned discrimination_rule = 0;
    std::optional<lists::EntryRef> entry{};

    base::Seconds waited{};         // reconnect_ok: since the first attempt
    base::Seconds left{};           // early_reconnect, first_attempt: until a retry is accepted; 1 or more
    std::vector<Change> changes{};  // to be written before the reply is sent; two at most
    std::string id{};               // of a deferral, with reply_id; empty: it has none
};

}  // namespace sqlgrey::greylist
