// Shared by log_format = json and postgrey: one line for each decision, with the category and level of the
// classic line.
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

// Writes `make(place)` if the decision is logged and the logger wants it; within the logger's rate limit if
// clients can cause such lines at will.
void write_one_line(const log::Logger& logger, greylist::Verdict verdict,
                    const std::function<std::string(const Place&)>& make);

}  // namespace sqlgrey::service::events
