// Senders and recipients, cut to the width of the columns.
#include "sqlgrey/mail/address.hpp"

#include "sqlgrey/base/ascii.hpp"

#include <algorithm>
#include <vector>

namespace sqlgrey::mail {
namespace {

// deverp() treats a capital like '#', and no name in lower case contains one.
constexpr char stand_in = 'X';
// Instead of an empty recipient, which deverp() finds everywhere.
constexpr std::string_view in_no_name = "\n";
constexpr OwnHashes all_own = ~OwnHashes{0};

std::string with_stand_ins(std::string_view text) {
    std::string out(text);
    std::replace(out.begin(), out.end(), '#', stand_in);
    return out;
}

OwnHashes own_hashes(std::string_view name, std::string_view recipient, std::string_view deverped) {
    if (name.find('#') == std::string_view::npos) return 0;
    const std::string told_apart = deverp(with_stand_ins(name), with_stand_ins(recipient));
    OwnHashes own = 0;
    unsigned hashes = 0;
    for (std::size_t i = 0; i < deverped.size(); ++i) {
        const char c = i < told_apart.size() ? told_apart[i] : '\0';
        const bool is_own = c == stand_in;
        // A '#' in the recipient matched one that deverp() inserted: then no '#' is a wildcard.
        if (deverped[i] != (is_own ? '#' : c)) return all_own;
        if (deverped[i] == '#') own |= OwnHashes{is_own} << hashes++;
    }
    return own;
}

}  // namespace

Sender sender(std::string_view from, std::string_view recipient) {
    const std::string address = base::ascii_lower(from);
    if (address.empty()) return {std::string(undefined), std::string(undefined), std::string(undefined)};
    const std::string_view view = address;
    const std::size_t at = view.find('@');
    const std::string_view name = view.substr(0, at);
    const std::string_view domain = at == std::string_view::npos ? undefined : view.substr(at + 1);
    const std::string to = recipient.empty() ? std::string(in_no_name) : base::ascii_lower(recipient);
    // Cut last: deverp() removes most of what makes a name long.
    const std::string deverped = deverp(name, to).substr(0, max_sender_name);
    return {std::string(name.substr(0, max_sender_name)), std::string(domain.substr(0, max_domain)), deverped,
            own_hashes(name, to, deverped)};
}

std::string recipient(std::string_view raw) {
    return base::ascii_lower(raw.substr(0, max_recipient));
}

std::optional<std::string_view> domain_after_last_at(std::string_view address) {
    const std::size_t at = address.rfind('@');
    if (at == std::string_view::npos) return {};
    return address.substr(at + 1);
}

std::string_view domain_after_first_at(std::string_view address) {
    const std::size_t at = address.find('@');
    if (at == std::string_view::npos) return {};
    address.remove_prefix(at + 1);
    return address.substr(0, address.find('@'));
}

// Backtracks to the last wildcard only: what an earlier one could match more, the last one can match too.
bool matches_deverped(std::string_view deverped, std::string_view name, OwnHashes own_hashes) {
    constexpr std::size_t none = std::string_view::npos;
    std::vector<bool> is_run;  // of each character of deverped: is it a wildcard
    for_each_in_pattern(deverped, own_hashes, [&](char, bool any_run) { is_run.push_back(any_run); });
    std::size_t d = 0;
    std::size_t n = 0;
    std::size_t behind_run =
        none;  // where to continue in deverped if what follows the last wildcard does not match
    std::size_t run_end = 0;  // where that wildcard's match ends in name, so far
    while (n < name.size()) {
        if (d < deverped.size() && is_run[d]) {
            behind_run = ++d;
            run_end = n;
        } else if (d < deverped.size() && deverped[d] == name[n]) {
            ++d;
            ++n;
        } else if (behind_run != none) {
            d = behind_run;
            n = ++run_end;
        } else {
            return false;
        }
    }
    return std::all_of(is_run.begin() + static_cast<std::ptrdiff_t>(d), is_run.end(),
                       [](bool any_run) { return any_run; });
}

}  // namespace sqlgrey::mail
