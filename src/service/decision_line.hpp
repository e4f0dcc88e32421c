// What the lines of log_format = json and postgrey have in common: one for each decision, at the category and
// level of the classic line.
#pragma once

#include "events.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace sqlgrey::service::events {

struct Place {
    log::Category category;
    int level;
};
Place place_of(greylist::Verdict verdict);

// "pass", "defer" or "refuse".
std::string_view action_of(greylist::Verdict verdict);

// Writes `make(place)`, if the decision is logged at all and the logger wants it; within the logger's limit
// if any client can cause it in any number.
void write_one_line(const log::Logger& logger, greylist::Verdict verdict,
                    const std::function<std::string(const Place&)>& make);

}  // namespace sqlgrey::service::events
