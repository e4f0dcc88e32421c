// A value as it stands in a URI, so that none of its characters means anything there.
#pragma once

#include <string>
#include <string_view>

namespace sqlgrey::store {

// All but ASCII letters and digits as % and two hexadecimal digits.
std::string percent_encoded(std::string_view value);

}  // namespace sqlgrey::store
