// What this room writes into the log.
#pragma once

#include "sqlgrey/lists/problem.hpp"
#include "sqlgrey/log/logger.hpp"

#include <vector>

namespace sqlgrey::lists {

// News at start are of interest only to who wants to know everything.
enum class When { at_start, later };

inline void tell_news(const log::Logger& logger, When when, const std::string& text) {
    logger.write(log::Category::conf, when == When::later ? log::normal : log::verbose, text);
}

inline void tell_problems(const log::Logger& logger, const std::vector<Problem>& problems) {
    for (const Problem& problem : problems)
        logger.write(log::Category::conf, problem.is_error ? log::error : log::warning, shown(problem));
}

inline std::string entries(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " entry" : " entries");
}

}  // namespace sqlgrey::lists
