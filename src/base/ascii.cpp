#include "sqlgrey/base/ascii.hpp"

#include <algorithm>

namespace sqlgrey::base {

std::string ascii_lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return ascii_lower(c); });
    return out;
}

}  // namespace sqlgrey::base
