// Collects problems, but not without end: a log is not the place for a million bad lines.
#pragma once

#include "sqlgrey/lists/problem.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::lists {

class Problems {
  public:
    void error(std::string text) { tell(true, std::move(text)); }
    void warning(std::string text) { tell(false, std::move(text)); }
    // The first 20, and a last one that says how many more there are in `source`.
    std::vector<Problem> take(std::string_view source) &&;

  private:
    void tell(bool is_error, std::string text);

    std::vector<Problem> kept_;
    std::size_t further_ = 0;
};

// The text in quotes, escaped, and cut if it is long.
std::string quoted(std::string_view text);

}  // namespace sqlgrey::lists
