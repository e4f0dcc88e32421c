// The order in which lists are asked.
#include "sqlgrey/lists/lists.hpp"

#include "look.hpp"

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

std::optional<Origin> Lists::find(ListName name, const Look& look) const {
    for (const auto& list : lists_[static_cast<std::size_t>(name)]) {
        if (const auto line = list->find(look))
            return Origin{name, list->source(), *line, list->in_database()};
    }
    return std::nullopt;
}

Finding Lists::judge(const Subject& subject) const {
    const Look look(subject);
    if (const auto by = find(whitelist_recipients, look)) return {Finding::whitelisted, false, by};
    for (const ListName name : before_whitelists) {
        if (const auto by = find(name, look)) return {Finding::blacklisted, false, by};
    }
    for (const ListName name : client_whitelists) {
        if (const auto by = find(name, look)) return {Finding::whitelisted, false, by};
    }
    if (!options_.senders_need_name || name_fits_sender(look)) {
        if (const auto by = find(whitelist_senders, look)) return {Finding::whitelisted, false, by};
    }
    for (const ListName name : never) {
        if (const auto by = find(name, look)) return {Finding::none, true, by};
    }
    return {};
}

}  // namespace sqlgrey::lists
