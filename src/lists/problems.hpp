// Collects problems, but not without end: a log is not the place for a million bad lines.
#pragma once

#include "sqlgrey/base/problem.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::lists {

using base::Problem;

class Problems {
  public:
    void error(std::string text) { tell(true, std::move(text), errors_); }
    void warning(std::string text) { tell(false, std::move(text), warnings_); }
    // The first 20 errors and the first 20 warnings, and for each kind one that says how many more there are
    // in `source`: many warnings hide no error.
    std::vector<Problem> take(std::string_view source) &&;

  private:
    void tell(bool is_error, std::string text, std::size_t& count);

    std::vector<Problem> kept_;
    std::size_t errors_ = 0;
    std::size_t warnings_ = 0;
};

// The text in quotes, escaped, and cut if it is long.
std::string quoted(std::string_view text);

}  // namespace sqlgrey::lists
