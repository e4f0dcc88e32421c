// Replaces what changes from mail to mail in a sender name, in five steps, each on the result of the one
// before. Each step finds what a Perl regular expression of SQLgrey 1.8 finds, in time linear in the name;
// the step for the recipient is in embedded_recipient.hpp.
#include "embedded_recipient.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/mail/address.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace sqlgrey::mail {
namespace {

constexpr std::string_view hex_bounds = "._/=-";

bool is_bound(char c) {
    return hex_bounds.find(c) != std::string_view::npos;
}
bool is_hex(char c) {
    return base::is_digit(c) || (c >= 'a' && c <= 'f');
}

std::vector<std::string_view> fields(std::string_view text) {
    std::vector<std::string_view> out;
    for (;;) {
        const std::size_t equals = text.find('=');
        out.push_back(text.substr(0, equals));
        if (equals == std::string_view::npos) return out;
        text.remove_prefix(equals + 1);
    }
}

bool any_empty(std::vector<std::string_view>::const_iterator from,
               std::vector<std::string_view>::const_iterator to) {
    return std::any_of(from, to, [](std::string_view field) { return field.empty(); });
}

// srs0=HASH=TT=domain=user; srs1=HASH=host==HASH=TT=domain=user, with one or more '=' after the host: each
// additional one is an empty field.
std::string without_srs(std::string_view name) {
    if (!name.starts_with("srs0=") && !name.starts_with("srs1=")) return std::string(name);
    std::vector<std::string_view> f = fields(name);
    if (f[0] == "srs0") {
        if (f.size() != 5 || any_empty(f.begin(), f.end())) return std::string(name);
        f[1] = f[2] = "#";
        return base::joined(f, "=");
    }
    if (f.size() < 7 || any_empty(f.begin(), f.begin() + 3) || any_empty(f.end() - 4, f.end())) {
        return std::string(name);
    }
    if (!std::all_of(f.begin() + 3, f.end() - 4, [](std::string_view field) { return field.empty(); })) {
        return std::string(name);
    }
    f[1] = *(f.end() - 4) = *(f.end() - 3) = "#";
    return base::joined(f, "=");
}

void cut_extension(std::string& name) {
    name.resize(std::min(name.find('+'), name.size()));
}

// The first match counts, and must extend to the end of the name. So only what follows the last impossible
// character can match.
void mask_bounce(std::string& name) {
    constexpr std::array<std::string_view, 4> words{"bo", "bounce", "notice-return", "notice-reply"};
    const auto may_follow = [](char c) {
        return base::is_digit(c) || base::is_lower(c) || c == '-' || c == '_' || c == '.';
    };
    const auto tail = std::find_if_not(name.rbegin(), name.rend(), may_follow).base();
    for (auto start = static_cast<std::size_t>(tail - name.begin()); start < name.size(); ++start) {
        const std::string_view rest = std::string_view(name).substr(start);
        for (const std::string_view word : words) {
            if (!rest.starts_with(word) || rest.size() < word.size() + 2) continue;
            const char separator = rest[word.size()];
            if (separator != '.' && separator != '_' && separator != '-') continue;
            name.resize(start + word.size() + 1);
            name += '#';
            return;
        }
    }
}

bool has_four_letters(std::string_view text) {
    int run = 0;
    for (const char c : text) {
        run = base::is_lower(c) ? run + 1 : 0;
        if (run == 4) return true;
    }
    return false;
}

// A run of hex digits at the start is replaced only if it cannot be the name itself.
bool is_serial_at_start(std::string_view name, std::size_t end) {
    return end >= 2 && end < name.size() && is_bound(name[end]) && has_four_letters(name.substr(end + 1));
}

std::string without_hex_runs(std::string_view name) {
    std::string out;
    std::size_t at = 0;
    while (at < name.size()) {
        const auto begin = name.begin() + static_cast<std::ptrdiff_t>(at);
        const auto run_end = std::find_if_not(begin, name.end(), is_hex);
        const auto end = static_cast<std::size_t>(run_end - name.begin());
        const bool ends_well = end == name.size() || is_bound(name[end]);
        const bool is_serial =
            end > at && (at == 0 ? is_serial_at_start(name, end) : is_bound(name[at - 1]) && ends_well);
        out += is_serial ? "#" : name.substr(at, end - at);
        if (end < name.size()) out += name[end];
        at = end + 1;
    }
    return out;
}

}  // namespace

std::string deverp(std::string_view name, std::string_view recipient) {
    std::string result = without_srs(name);
    cut_extension(result);
    mask_recipient(result, recipient);
    mask_bounce(result);
    return without_hex_runs(result);
}

}  // namespace sqlgrey::mail
