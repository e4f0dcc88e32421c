// The name an admin probably meant. Private to the module.
#pragma once

#include <string_view>

namespace sqlgrey::config {

// The parameter nearest to a name that is none, or "" if none is near: at most two letters changed,
// added, left out or swapped, and never more than a third of the name.
std::string_view nearest_parameter(std::string_view name);

}  // namespace sqlgrey::config
