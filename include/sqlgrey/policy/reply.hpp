// Reply to bytes: the Postfix policy delegation protocol, writing side.
#pragma once

#include <string>
#include <string_view>

namespace sqlgrey::policy {

// What becomes of the recipient that was asked for.
enum class Action { pass, defer, reject, discard, hold };

struct Reply {
    Action action = Action::pass;
    // How the protocol is to say it: an SMTP code such as "450", or one of the words of access(5) that do the
    // same; empty: "dunno", "defer_if_permit", "reject", "discard" or "hold".
    std::string code{};
    std::string text{};
    std::string header{};  // of a pass: "Name: text", to be put into the message
    bool operator==(const Reply&) const = default;
};

// The reply that a line of access(5) means: a code or a word, and perhaps a text after it.
Reply reply_of(std::string_view access_line);
// The line of access(5): "dunno", "PREPEND X-Greylist: ...", "450 Greylisted for 5 minutes".
std::string access_line(const Reply& reply);

// "action=<line>\n\n". Postfix takes only one line of valid UTF-8 (SMTPD_POLICY_README): line ends, NUL and
// other control characters become '?', as do bytes that are not UTF-8.
std::string encode(const Reply& reply);

}  // namespace sqlgrey::policy
