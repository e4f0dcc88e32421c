// Reply to bytes: the writing side of the Postfix policy delegation protocol.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <string>
#include <string_view>

namespace sqlgrey::policy {

// What happens to the recipient in question.
enum class Action { pass, defer, reject, discard, hold };

// A reply as a value; encode() makes the bytes.
struct Reply {
    Action action = Action::pass;
    // How to express the action: an SMTP code such as "450", or an equivalent word of access(5); empty:
    // "dunno", "defer_if_permit", "reject", "discard" or "hold".
    std::string code{};
    std::string text{};
    std::string header{};  // of a pass: "Name: text", to be put into the message
    // Not 0: this is no reply. The request is to be asked again after this time
    // (PendingRequest::may_be_held).
    base::Milliseconds ask_again{};
    // Of a pass: every other recipient of the message would pass too, whoever it is. A client that can say so
    // need not ask about them (milter/session.hpp); Postfix's policy protocol has no word for it.
    bool holds_for_message = false;
    // Not 0: Postfix waits that long before it goes on. Then the reply has no text and no header: Postfix
    // takes a list of restrictions for "SLEEP 65, DEFER_IF_PERMIT" (access(5)). Only a pass or a deferral.
    base::Seconds sleep{};
    bool operator==(const Reply&) const = default;
};

// The reply that a line of access(5) means: a code or a word, and optionally a text.
Reply reply_of(std::string_view access_line);
// The line of access(5): "dunno", "PREPEND X-Greylist: ...", "450 Greylisted for 5 minutes".
std::string access_line(const Reply& reply);

// "action=<line>\n\n". Postfix accepts one line of valid UTF-8 (SMTPD_POLICY_README): line ends, NUL, other
// control characters, and bytes that are not UTF-8 become '?'.
std::string encode(const Reply& reply);

}  // namespace sqlgrey::policy
