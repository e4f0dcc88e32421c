// Four lines. An `instance` is from a line of a request, so it contains no line end.
#include "sqlgrey/policy/connection_state.hpp"

#include "sqlgrey/policy/request.hpp"

#include <optional>

namespace sqlgrey::policy {
namespace {

constexpr std::string_view reported = "reported";

static_assert(3 * (max_text + 1) + reported.size() + 1 <= longest_state_text);

// Removes the next line; a text without a line end has none.
std::optional<std::string> next_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || end > max_text) return {};
    std::string line(text.substr(0, end));
    text.remove_prefix(end + 1);
    return line;
}

}  // namespace

std::string to_text(const ConnectionState& state) {
    if (state == ConnectionState{}) return {};
    std::string text = state.instance_with_header + '\n' + state.instance_accepted + '\n';
    if (state.reported_not_a_policy_request) text += reported;
    return text + '\n' + state.instance_tarpitted + '\n';
}

ConnectionState connection_state(std::string_view text) {
    const auto with_header = next_line(text);
    const auto accepted = next_line(text);
    const auto report = next_line(text);
    if (!with_header || !accepted || !report) return {};
    ConnectionState state;
    state.instance_with_header = *with_header;
    state.instance_accepted = *accepted;
    state.instance_tarpitted = next_line(text).value_or(std::string{});  // an older version does not write it
    state.reported_not_a_policy_request = *report == reported;
    return state;
}

}  // namespace sqlgrey::policy
