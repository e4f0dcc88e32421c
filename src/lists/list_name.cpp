#include "sqlgrey/lists/list_name.hpp"

#include <algorithm>

namespace sqlgrey::lists {
namespace {

constexpr std::array<std::string_view, all_list_names.size()> names{
    "clients_ip_whitelist",    "clients_fqdn_whitelist", "whitelist_clients",
    "whitelist_recipients",    "whitelist_senders",      "never_whitelist_clients",
    "never_whitelist_senders", "blacklist_clients",      "blacklist_senders"};

}  // namespace

std::string_view text_of(ListName list) {
    return names[static_cast<std::size_t>(list)];
}

std::optional<ListName> list_named(std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return all_list_names[static_cast<std::size_t>(found - names.begin())];
}

std::string_view forms_of(ListName list) {
    switch (list) {
        case ListName::clients_ip_whitelist:
            return "an address or a network: 192.0.2.1, 192.0.2 (a /24), 192.0 (a /16), 192.0.2.0/24, "
                   "2001:db8::1 or "
                   "2001:db8::/32";
        case ListName::clients_fqdn_whitelist:
            return "host.example.org, *.example.org or /regexp/";
        case ListName::whitelist_clients:
        case ListName::never_whitelist_clients:
        case ListName::blacklist_clients:
            return "an address, a network, example.org (it and all below it), *.example.org, /regexp/ or "
                   "p0f_os:Linux*";
        case ListName::whitelist_recipients:
            return "user@, user@example.org, @example.org, example.org (it and all below it) or /regexp/";
        case ListName::whitelist_senders:
        case ListName::never_whitelist_senders:
        case ListName::blacklist_senders:
            return "user@example.org, @example.org, .example.org (it and all below it), /regexp/ or <>";
    }
    return {};
}

}  // namespace sqlgrey::lists
