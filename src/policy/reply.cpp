#include "sqlgrey/policy/reply.hpp"

#include "sqlgrey/base/control_character.hpp"
#include "sqlgrey/base/utf8.hpp"

#include <algorithm>

namespace sqlgrey::policy {
namespace {

constexpr std::string_view prepend = "PREPEND ";

std::string_view usual_word(Action action) {
    switch (action) {
        case Action::pass:
            return "dunno";
        case Action::defer:
            return "defer_if_permit";
        case Action::reject:
            return "reject";
        case Action::discard:
            return "discard";
        case Action::hold:
            return "hold";
    }
    return "dunno";
}

bool is_word(std::string_view text, std::string_view lower_case_word) {
    return std::ranges::equal(text, lower_case_word,
                              [](char c, char l) { return c == l || (c >= 'A' && c <= 'Z' && c + 32 == l); });
}

std::string in_upper_case(std::string_view word) {
    std::string upper{word};
    for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return upper;
}

// A restriction that defers: one with a code of its own would be an access table.
std::string restriction_of(const Reply& reply) {
    if (reply.code.empty()) return in_upper_case(usual_word(reply.action));
    const bool is_number = reply.code.find_first_not_of("0123456789") == std::string::npos;
    return is_number ? "DEFER" : in_upper_case(reply.code);
}

std::string sleeping_line(const Reply& reply) {
    std::string line = "SLEEP " + std::to_string(reply.sleep.count());
    if (reply.action != Action::pass) line += ", " + restriction_of(reply);
    return line;
}

Action action_of(std::string_view code) {
    for (const Action action : {Action::pass, Action::discard, Action::hold})
        if (is_word(code, usual_word(action))) return action;
    const bool defers = code.starts_with('4') || is_word(code.substr(0, 5), "defer");
    return defers ? Action::defer : Action::reject;
}

}  // namespace

Reply reply_of(std::string_view access_line) {
    const std::size_t blank = access_line.find(' ');
    const std::string_view code = access_line.substr(0, blank);
    const std::string_view text =
        blank == std::string_view::npos ? std::string_view{} : access_line.substr(blank + 1);
    return {action_of(code), std::string(code), std::string(text)};
}

std::string access_line(const Reply& reply) {
    if (reply.sleep.count() > 0) return sleeping_line(reply);
    std::string line;
    if (!reply.header.empty()) return line.append(prepend).append(reply.header);
    line = reply.code.empty() ? usual_word(reply.action) : reply.code;
    if (!reply.text.empty()) line.append(" ").append(reply.text);
    return line;
}

std::string encode(const Reply& reply) {
    const std::string line = access_line(reply);
    std::string out = "action=";
    out.reserve(out.size() + line.size() + 2);
    for (std::string_view rest = line; !rest.empty();) {
        const std::size_t run = base::printable_ascii_run(rest);
        const std::size_t length = run > 0 ? run : base::utf8_sequence(rest);
        const std::string_view bytes = rest.substr(0, std::max<std::size_t>(length, 1));
        const bool may_stand = run > 0 || (length > 0 && !base::is_control(bytes));
        out += may_stand ? bytes : "?";
        rest.remove_prefix(bytes.size());
    }
    out += "\n\n";
    return out;
}

}  // namespace sqlgrey::policy
