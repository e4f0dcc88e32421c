// Numbers, times and names as a report prints them. Pure.
#pragma once

#include "sqlgrey/report/summary.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sqlgrey::report {

// "1,204,000"
std::string grouped(std::int64_t number);
// "950", "1.2k", "12k", "3.4M", for an axis.
std::string shortened(double number);
// "61 %"; "< 1 %" and "> 99 %" where rounding would say none or all. "-" of nothing.
std::string percent(std::int64_t part, std::int64_t whole);
// "45 s", "6 min", "1 h 5 min", "2 days 3 h"
std::string duration(base::Seconds time);
std::string duration(const Wait& wait);  // "more than 2 days" beyond the last bucket
// "2026-11-27", "27 Nov", "27 November 2026", "2026-11-27 18:00 UTC"
std::string iso(Date date);
std::string short_date(Date date);
std::string long_date(Date date);
std::string moment(base::Time time);

// "1 row", "1,204 rows"
std::string counted(std::int64_t number, std::string_view one);

// The text for HTML, as content or in a quoted attribute, at most `most` characters, then an ellipsis. What a
// browser would not show as it is (control characters, marks that change the direction of writing, characters
// without width, bytes that are not UTF-8) becomes \xHH.
std::string html(std::string_view text, std::size_t most = 80);
// One word of a shell, in single quotes unless it has only harmless characters.
std::string shell_word(std::string_view text);

}  // namespace sqlgrey::report
