// Values in a URI.
#pragma once

#include <string>
#include <string_view>

namespace sqlgrey::store {

// Every byte except ASCII letters and digits as % and two hexadecimal digits.
std::string percent_encoded(std::string_view value);

}  // namespace sqlgrey::store
