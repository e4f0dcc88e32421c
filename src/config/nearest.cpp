#include "nearest.hpp"

#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/edit_distance.hpp"
#include "sqlgrey/config/parameters.hpp"
#include "sqlgrey/config/values.hpp"

#include <algorithm>
#include <string>

namespace sqlgrey::config {
namespace {

constexpr std::size_t longest = 64;  // longer than any parameter; bounds the work for a hostile line

}  // namespace

std::string_view nearest_parameter(std::string_view name) {
    if (name.size() > longest) return {};
    std::string wanted = base::ascii_lower(name);
    std::replace(wanted.begin(), wanted.end(), '-', '_');
    std::string_view nearest;
    std::size_t least = std::min<std::size_t>(2, wanted.size() / 3) + 1;
    for (const Parameter& row : parameters()) {
        const std::size_t found = base::edit_distance(wanted, row.name);
        if (found >= least) continue;
        least = found;
        nearest = row.name;
    }
    return nearest;
}

}  // namespace sqlgrey::config
