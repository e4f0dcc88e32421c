// --print-config. A value that cannot be written in a sqlgrey.conf is commented out.
#include "sqlgrey/config/show.hpp"

#include <algorithm>

namespace sqlgrey::config {
namespace {

constexpr std::size_t value_width = 32;

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
    return text;
}

}  // namespace

std::string print_config(const LoadedSettings& loaded) {
    std::size_t name_width = 0;
    for (const InForce& row : loaded.in_force) name_width = std::max(name_width, row.name.size());
    std::string out;
    for (const InForce& row : loaded.in_force) {
        const bool unreadable = row.hidden || row.value.find('#') != std::string::npos;
        out += padded((unreadable ? "# " : "") + row.name, name_width) + " = ";
        out += padded(row.value, value_width) + "  # " + row.origin + '\n';
    }
    return out;
}

}  // namespace sqlgrey::config
