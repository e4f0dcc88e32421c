// What sqlgreyctl explain says of a decision in sentences.
#pragma once

#include "sqlgrey/service/explanation.hpp"

#include <string>

namespace sqlgrey::ctl {

// "4 minutes 3 seconds", "2 days 3 hours": the two largest units.
std::string in_words(base::Seconds time);
// A time, and how far from now it is.
std::string moment(base::Time time, base::Time now);

// Why it is decided so: a sentence without its full stop, and perhaps another one.
std::string why(const service::Explanation& found, const service::Rules& rules);

}  // namespace sqlgrey::ctl
