// Reply to bytes: the Postfix policy delegation protocol, writing side.
#pragma once

#include <string>

namespace sqlgrey::policy {

// What Postfix is told to do: an action of access(5) with its text, e.g. "dunno" or
// "450 Greylisted for 5 minutes".
struct Reply {
    std::string action;
    bool operator==(const Reply&) const = default;
};

// "action=<action>\n\n". Postfix takes only one line of valid UTF-8 (SMTPD_POLICY_README): line
// ends, NUL and other control characters become '?', as do bytes that are not UTF-8.
std::string encode(const Reply& reply);

}  // namespace sqlgrey::policy
