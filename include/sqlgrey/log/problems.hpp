// Problems of files and rows as log lines.
#pragma once

#include "sqlgrey/base/problem.hpp"
#include "sqlgrey/log/logger.hpp"

#include <vector>

namespace sqlgrey::log {

// Category `conf`; a warning or an error, as each problem says.
inline void write_problems(const Logger& logger, const std::vector<base::Problem>& problems) {
    for (const base::Problem& problem : problems)
        logger.write(Category::conf, problem.is_error ? error : warning, shown(problem));
}

}  // namespace sqlgrey::log
