// A mistake in a file that is read beside sqlgrey.conf, or in a row of the table `lists`, for the log.
#pragma once

#include <string>

namespace sqlgrey::base {

struct Problem {
    bool is_error = true;  // otherwise a warning
    // One sentence: the place (file and line, or row), the mistake, what was expected. Whatever it quotes
    // from there is cut and escaped, so the sentence may be shown anywhere.
    std::string text;
    bool operator==(const Problem&) const = default;
};

// "error: ..." or "warning: ...".
inline std::string shown(const Problem& problem) {
    return (problem.is_error ? "error: " : "warning: ") + problem.text;
}

}  // namespace sqlgrey::base
