// Finds the request that a log line is about. Pure; accepts any text.
#pragma once

#include "sqlgrey/greylist/triplet.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace sqlgrey::ctl {

// An attempt as Postfix sees it.
struct MailQuestion {
    std::string client, name, helo, sender, recipient;
    bool operator==(const MailQuestion&) const = default;
};
// A Triplet if the line is a classic one of ours that shows a row of `connect`; its `deverped` is empty.
using Question = std::variant<MailQuestion, greylist::Triplet>;

// Understands a reject of Postfix ("NOQUEUE: reject: RCPT from name[ip]: ..."), our lines about a decision
// (log_format classic and json), and postgrey's. Skips what syslog or the journal puts in front. Nothing if
// the line is none of these.
std::optional<Question> question_of(std::string_view log_line);

}  // namespace sqlgrey::ctl
