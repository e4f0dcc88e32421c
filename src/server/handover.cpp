// "1 SIZE REMEMBERED BEGUN" without the blanks after SIZE: 1 is the version of this format, SIZE the number
// of bytes of REMEMBERED.
#include "handover.hpp"

#include "sqlgrey/base/fd_passing.hpp"
#include "sqlgrey/policy/request_handler.hpp"
#include "sqlgrey/server/worker.hpp"

#include <charconv>

namespace sqlgrey::server {

namespace {

constexpr std::size_t longest_head = 16;
static_assert(longest_head + policy::longest_state_text + longest_begun <= base::longest_text);

}  // namespace

std::string to_text(const HandedOver& what) {
    if (what.remembered.empty() && what.begun.empty()) return {};  // as for a new connection
    const std::string remembered =
        what.remembered.size() <= policy::longest_state_text ? what.remembered : "";
    return std::string(connection_format) + ' ' + std::to_string(remembered.size()) + ' ' + remembered +
           what.begun;
}

HandedOver from_text(std::string_view text) {
    if (!text.starts_with(connection_format)) return {};
    text.remove_prefix(connection_format.size());
    if (!text.starts_with(' ')) return {};
    text.remove_prefix(1);
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (error != std::errc{} || !text.starts_with(' ')) return {};
    text.remove_prefix(1);
    if (size > policy::longest_state_text || size > text.size() || text.size() - size > longest_begun)
        return {};
    return {std::string(text.substr(0, size)), std::string(text.substr(size))};
}

}  // namespace sqlgrey::server
