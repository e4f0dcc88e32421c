// Edit distance with swapped neighbours as one step (optimal string alignment).
#include "nearest.hpp"

#include "sqlgrey/config/parameters.hpp"
#include "sqlgrey/config/values.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace sqlgrey::config {
namespace {

constexpr std::size_t longest = 64;  // no parameter comes near it; bounds the work for a hostile line

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> steps(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) steps[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) steps[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = steps[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            steps[i][j] = std::min({steps[i - 1][j] + 1, steps[i][j - 1] + 1, change});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) steps[i][j] = std::min(steps[i][j], steps[i - 2][j - 2] + 1);
        }
    }
    return steps[a.size()][b.size()];
}

}  // namespace

std::string_view nearest_parameter(std::string_view name) {
    if (name.size() > longest) return {};
    std::string wanted = lower(name);
    std::replace(wanted.begin(), wanted.end(), '-', '_');
    std::string_view nearest;
    std::size_t least = std::min<std::size_t>(2, wanted.size() / 3) + 1;
    for (const Parameter& row : parameters()) {
        const std::size_t found = distance(wanted, row.name);
        if (found >= least) continue;
        least = found;
        nearest = row.name;
    }
    return nearest;
}

}  // namespace sqlgrey::config
