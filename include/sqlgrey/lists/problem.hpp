// A mistake in a list, for the log.
#pragma once

#include <string>

namespace sqlgrey::lists {

struct Problem {
    bool is_error = true;  // else a warning
    // One sentence: where (file and line, or row of the database), the mistake, what was expected. Text that
    // it repeats of a list is cut and escaped, so it may be shown anywhere.
    std::string text;
    bool operator==(const Problem&) const = default;
};

// "error: ..." or "warning: ...".
inline std::string shown(const Problem& problem) {
    return (problem.is_error ? "error: " : "warning: ") + problem.text;
}

}  // namespace sqlgrey::lists
