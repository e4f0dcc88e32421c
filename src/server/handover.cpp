// "2 FRONT SIZE REMEMBERED BEGUN" without the blank after REMEMBERED: 2 is the version of this format, FRONT
// is "p" or "m", SIZE the number of bytes of REMEMBERED.
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
    // As for a new connection.
    if (what.front == Front::policy && what.remembered.empty() && what.begun.empty()) return {};
    const std::string remembered =
        what.remembered.size() <= policy::longest_state_text ? what.remembered : "";
    const char* const front = what.front == Front::milter ? " m " : " p ";
    return std::string(connection_format) + front + std::to_string(remembered.size()) + ' ' + remembered +
           what.begun;
}

HandedOver from_text(std::string_view text) {
    if (!text.starts_with(connection_format)) return {};
    text.remove_prefix(connection_format.size());
    const bool is_milter = text.starts_with(" m ");
    if (!is_milter && !text.starts_with(" p ")) return {};
    text.remove_prefix(3);
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (error != std::errc{} || !text.starts_with(' ')) return {};
    text.remove_prefix(1);
    if (size > policy::longest_state_text || size > text.size() || text.size() - size > longest_begun)
        return {};
    return {is_milter ? Front::milter : Front::policy, std::string(text.substr(0, size)),
            std::string(text.substr(size))};
}

std::string text_of_new_connection(Front front) {
    return to_text(HandedOver{front, {}, {}});
}

}  // namespace sqlgrey::server
