// Collects problems up to a limit: a list of a million bad lines must not fill the log.
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
    // Returns the first 20 errors and the first 20 warnings, and for each kind one line with the number of
    // further ones in `source`. The kinds have limits of their own, so that warnings do not crowd out errors.
    std::vector<Problem> take(std::string_view source) &&;

  private:
    void tell(bool is_error, std::string text, std::size_t& count);

    std::vector<Problem> kept_;
    std::size_t errors_ = 0;
    std::size_t warnings_ = 0;
};

// The text in quotes, escaped, and cut at 80 bytes.
std::string quoted(std::string_view text);

}  // namespace sqlgrey::lists
