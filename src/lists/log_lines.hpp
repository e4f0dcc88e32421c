// The log lines of this module.
#pragma once

#include "sqlgrey/log/logger.hpp"

#include <string>

namespace sqlgrey::lists {

// The level of a line about a list that was read: verbose at the start, normal when it has changed later.
inline log::Level level_of_news(bool at_start) {
    return at_start ? log::verbose : log::normal;
}

inline void log_news(const log::Logger& logger, log::Level level, const std::string& text) {
    logger.write(log::Category::conf, level, text);
}

inline std::string entries(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " entry" : " entries");
}

}  // namespace sqlgrey::lists
