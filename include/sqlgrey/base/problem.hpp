// A mistake in a list or pattern file, or in a row of the table `lists`, for the log.
#pragma once

#include <string>

namespace sqlgrey::base {

// One problem, as a sentence for the log.
struct Problem {
    bool is_error = true;  // otherwise a warning
    // One sentence: the place (file and line, or row), the mistake, what was expected. What it quotes is
    // shortened and escaped, so it can be shown anywhere.
    std::string text;
    bool operator==(const Problem&) const = default;
};

// "error: ..." or "warning: ...".
inline std::string shown(const Problem& problem) {
    return (problem.is_error ? "error: " : "warning: ") + problem.text;
}

}  // namespace sqlgrey::base
