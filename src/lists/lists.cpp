// The order in which lists are asked.
#include "sqlgrey/lists/lists.hpp"

#include "lookup_keys.hpp"

namespace sqlgrey::lists {
namespace {

using enum ListName;
constexpr std::array before_whitelists{blacklist_clients, blacklist_senders};
constexpr std::array client_whitelists{clients_ip_whitelist, clients_fqdn_whitelist, whitelist_clients};
constexpr std::array never{never_whitelist_clients, never_whitelist_senders};

}  // namespace

Lists::Lists(const std::vector<std::shared_ptr<const List>>& lists, Options options) : options_(options) {
    add(lists);
}

Lists Lists::with(const std::vector<std::shared_ptr<const List>>& more) const {
    Lists together = *this;
    together.add(more);
    return together;
}

void Lists::add(const std::vector<std::shared_ptr<const List>>& lists) {
    for (const auto& list : lists) {
        if (list && list->size() > 0) lists_[static_cast<std::size_t>(list->name())].push_back(list);
    }
}

std::optional<EntryRef> Lists::find(ListName name, const LookupKeys& keys) const {
    for (const auto& list : lists_[static_cast<std::size_t>(name)]) {
        if (const auto line = list->find(keys))
            return EntryRef{name, list->source(), *line, list->in_database()};
    }
    return std::nullopt;
}

Match Lists::match(const policy::Attempt& attempt) const {
    const LookupKeys keys(attempt);
    if (const auto by = find(whitelist_recipients, keys)) return {MatchKind::whitelisted, false, by};
    for (const ListName name : before_whitelists) {
        if (const auto by = find(name, keys)) return {MatchKind::blacklisted, false, by};
    }
    for (const ListName name : client_whitelists) {
        if (const auto by = find(name, keys)) return {MatchKind::whitelisted, false, by};
    }
    if (!options_.senders_need_name || name_fits_sender(keys)) {
        if (const auto by = find(whitelist_senders, keys)) return {MatchKind::whitelisted, false, by};
    }
    for (const ListName name : never) {
        if (const auto by = find(name, keys)) return {MatchKind::none, true, by};
    }
    return {};
}

}  // namespace sqlgrey::lists
