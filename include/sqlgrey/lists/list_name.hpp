// The lists. Each is a file of its name in conf_dir, the same name with ".local" appended, and rows of the
// database.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace sqlgrey::lists {

enum class ListName {
    clients_ip_whitelist,     // networks that pass
    clients_fqdn_whitelist,   // client names that pass, as SQLgrey 1.8 writes them
    whitelist_clients,        // clients that pass, as postgrey writes them
    whitelist_recipients,     // recipients whose mail passes
    whitelist_senders,        // senders whose mail passes
    never_whitelist_clients,  // clients that are never auto-whitelisted
    never_whitelist_senders,  // senders that are never auto-whitelisted
    blacklist_clients,        // clients that are refused
    blacklist_senders,        // senders that are refused
};

inline constexpr std::array all_list_names{
    ListName::clients_ip_whitelist,    ListName::clients_fqdn_whitelist, ListName::whitelist_clients,
    ListName::whitelist_recipients,    ListName::whitelist_senders,      ListName::never_whitelist_clients,
    ListName::never_whitelist_senders, ListName::blacklist_clients,      ListName::blacklist_senders};

// The name as it is in the name of the file and in rows of the database: "whitelist_clients".
std::string_view text_of(ListName list);
// The list of that name, or nothing. Letter case matters.
std::optional<ListName> list_named(std::string_view name);
// The forms that an entry of that list may have, worded to follow "expected".
std::string_view forms_of(ListName list);

}  // namespace sqlgrey::lists
