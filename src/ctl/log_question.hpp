// What a line of a log asks about. Pure; no text makes it fail.
#pragma once

#include "sqlgrey/greylist/triplet.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace sqlgrey::ctl {

// A mail as Postfix knows it.
struct MailQuestion {
    std::string client, name, helo, sender, recipient;
    bool operator==(const MailQuestion&) const = default;
};
// A row of `connect` as our lines show it: `deverped` is empty.
using Question = std::variant<MailQuestion, greylist::Triplet>;

// A reject of Postfix ("NOQUEUE: reject: RCPT from name[ip]: ...") or one of our lines about a decision; what
// syslog or the journal puts in front is passed over. Nothing: it is neither.
std::optional<Question> question_of(std::string_view log_line);

}  // namespace sqlgrey::ctl
