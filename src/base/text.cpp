#include "sqlgrey/base/text.hpp"

namespace sqlgrey::base {

std::string_view trimmed(std::string_view text, std::string_view of) {
    const std::size_t first = text.find_first_not_of(of);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(of) - first + 1);
}

}  // namespace sqlgrey::base
