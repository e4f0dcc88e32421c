// Senders and recipients cut to what the tables hold.
#include "sqlgrey/mail/address.hpp"

#include <algorithm>

namespace sqlgrey::mail {
namespace {

char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), ascii_lower);
    return out;
}

}  // namespace

Sender sender(std::string_view from, std::string_view recipient) {
    const std::string address = lower(from);
    if (address.empty()) return {std::string(undefined), std::string(undefined), std::string(undefined)};
    const std::string_view view = address;
    const std::size_t at = view.find('@');
    const std::string_view name = view.substr(0, at);
    const std::string_view domain = at == std::string_view::npos ? undefined : view.substr(at + 1);
    // The cut comes last: what makes a name long is mostly what deverp() takes away.
    return {std::string(name.substr(0, max_sender_name)), std::string(domain.substr(0, max_domain)),
            deverp(name, lower(recipient)).substr(0, max_sender_name)};
}

std::string recipient(std::string_view raw) {
    return lower(raw.substr(0, max_recipient));
}

// Goes back to the last '#' only: what an earlier one could take more, the last can take as well.
bool stands_for(std::string_view deverped, std::string_view name) {
    constexpr std::size_t none = std::string_view::npos;
    std::size_t d = 0;
    std::size_t n = 0;
    std::size_t behind_hash = none;  // where to go on in deverped if what follows the last '#' fails
    std::size_t hash_end = 0;        // where that '#' ends in name, so far
    while (n < name.size()) {
        if (d < deverped.size() && deverped[d] == '#') {
            behind_hash = ++d;
            hash_end = n;
        } else if (d < deverped.size() && deverped[d] == name[n]) {
            ++d;
            ++n;
        } else if (behind_hash != none) {
            d = behind_hash;
            n = ++hash_end;
        } else {
            return false;
        }
    }
    return deverped.find_first_not_of('#', d) == none;
}

}  // namespace sqlgrey::mail
