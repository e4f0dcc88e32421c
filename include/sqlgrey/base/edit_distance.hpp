// The distance between two names, for "did you mean ...?". Pure; time is the product of the two lengths.
#pragma once

#include <cstddef>
#include <string_view>

namespace sqlgrey::base {

// How many characters must be inserted, deleted, changed or swapped with their neighbour (optimal string
// alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace sqlgrey::base
