// The lists an admin keeps: a file of that name in conf_dir, the same with ".local" behind it, and rows of
// the database.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace sqlgrey::lists {

enum class ListName {
    clients_ip_whitelist,     // networks that are not greylisted
    clients_fqdn_whitelist,   // client names that are not, in the form of SQLgrey 1.8
    whitelist_clients,        // clients that are not, in the form of postgrey
    whitelist_recipients,     // whose mail is not
    whitelist_senders,        // whose mail is not
    never_whitelist_clients,  // clients that are never auto-white-listed
    never_whitelist_senders,  // senders that are never
    blacklist_clients,        // clients that are refused
    blacklist_senders,        // senders that are refused
};

inline constexpr std::array all_list_names{
    ListName::clients_ip_whitelist,    ListName::clients_fqdn_whitelist, ListName::whitelist_clients,
    ListName::whitelist_recipients,    ListName::whitelist_senders,      ListName::never_whitelist_clients,
    ListName::never_whitelist_senders, ListName::blacklist_clients,      ListName::blacklist_senders};

// The name of the file, and what a row of the database calls it: "whitelist_clients".
std::string_view text_of(ListName list);
// The list of that name, or nothing. Letter case matters.
std::optional<ListName> list_named(std::string_view name);
// The forms an entry of that list may have, in words that go behind "expected".
std::string_view forms_of(ListName list);

}  // namespace sqlgrey::lists
