// The order in which lists are searched.
#include "sqlgrey/lists/lists.hpp"

#include "lookup_keys.hpp"

namespace sqlgrey::lists {
namespace {

struct Step {
    ListName list;
    MatchKind kind;  // of an entry that fits
    bool never_awl;
};

using enum ListName;
// In the order of the search.
constexpr std::array steps{Step{whitelist_recipients, MatchKind::whitelisted, false},
                           Step{blacklist_clients, MatchKind::blacklisted, false},
                           Step{blacklist_senders, MatchKind::blacklisted, false},
                           Step{clients_ip_whitelist, MatchKind::whitelisted, false},
                           Step{clients_fqdn_whitelist, MatchKind::whitelisted, false},
                           Step{whitelist_clients, MatchKind::whitelisted, false},
                           Step{whitelist_senders, MatchKind::whitelisted, false},
                           Step{never_whitelist_clients, MatchKind::none, true},
                           Step{never_whitelist_senders, MatchKind::none, true}};
static_assert(steps.size() == all_list_names.size());

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
        if (!list || list->size() == 0) continue;
        lists_[static_cast<std::size_t>(list->name())].push_back(list);
        uses_p0f_ = uses_p0f_ || list->uses_p0f();
    }
}

const std::vector<std::shared_ptr<const List>>& Lists::sources(ListName name) const {
    return lists_[static_cast<std::size_t>(name)];
}

std::optional<EntryRef> Lists::find(ListName name, const LookupKeys& keys) const {
    for (const auto& list : sources(name)) {
        if (const auto line = list->find(keys))
            return EntryRef{name, list->source(), *line, list->in_database()};
    }
    return std::nullopt;
}

bool Lists::is_asked(ListName name, const LookupKeys& keys) const {
    return name != whitelist_senders || !options_.senders_need_name || name_fits_sender(keys);
}

Match Lists::match(const policy::Attempt& attempt) const {
    const LookupKeys keys(attempt);
    for (const Step& step : steps) {
        if (!is_asked(step.list, keys)) continue;
        if (const auto by = find(step.list, keys)) return {step.kind, step.never_awl, by};
    }
    return {};
}

std::size_t Lists::entries(ListName name) const {
    std::size_t all = 0;
    for (const auto& source : sources(name)) all += source->size();
    return all;
}

std::vector<Asked> Lists::explain(const policy::Attempt& attempt) const {
    using enum Asked::Answer;
    const LookupKeys keys(attempt);
    std::vector<Asked> all;
    bool is_decided = false;
    for (const Step& step : steps) {
        Asked& asked = all.emplace_back(Asked{step.list, no_entry, 0, {}});
        asked.entries = entries(step.list);
        if (asked.entries == 0) {
            asked.answer = empty;
        } else if (is_decided) {
            asked.answer = decided_earlier;
        } else if (!is_asked(step.list, keys)) {
            asked.answer = not_verified;
        } else if ((asked.by = find(step.list, keys))) {
            asked.answer = found;
            is_decided = true;
        }
    }
    return all;
}

}  // namespace sqlgrey::lists
