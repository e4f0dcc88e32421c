// Logs the problems of files and rows.
#pragma once

#include "sqlgrey/base/problem.hpp"
#include "sqlgrey/log/logger.hpp"

#include <vector>

namespace sqlgrey::log {

// Category `conf`, as warnings or errors (Problem::is_error).
inline void write_problems(const Logger& logger, const std::vector<base::Problem>& problems) {
    for (const base::Problem& problem : problems)
        logger.write(Category::conf, problem.is_error ? error : warning, shown(problem));
}

}  // namespace sqlgrey::log
