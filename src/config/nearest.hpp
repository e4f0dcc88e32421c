// The name that was probably meant. Private to the module.
#pragma once

#include <string_view>

namespace sqlgrey::config {

// The parameter most similar to an unknown name: at most two letters changed, added, left out or swapped, and
// at most a third of the name. "" if there is none.
std::string_view nearest_parameter(std::string_view name);

}  // namespace sqlgrey::config
