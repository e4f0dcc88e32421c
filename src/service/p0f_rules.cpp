#include "p0f_rules.hpp"

#include <string>

namespace sqlgrey::service {
namespace {

using lists::MatchKind;

bool is_same(const lists::EntryRef& one, const std::optional<lists::EntryRef>& other) {
    return other && one.list == other->list && one.line == other->line && one.source == other->source;
}

void ask_lists(Decision& decision, const policy::Request& request) {
    const lists::Match match = decision.lists->match(policy::attempt_of(request));
    const lists::Match without = decision.lists->match(decision.attempt);
    decision.entry = match.by;
    decision.entry_by_p0f = match.by && !is_same(*match.by, without.by);
    decision.by_list.reset();
    if (match.kind == MatchKind::whitelisted) decision.by_list = greylist::Verdict::whitelisted;
    if (match.kind == MatchKind::blacklisted) decision.by_list = greylist::Verdict::blacklisted;
    decision.flags.never_awl = match.never_awl;
    decision.triplet.ask_all = match.never_awl;
}

}  // namespace

bool may_depend_on_p0f(const Decision& decision, const lists::Lists& lists, const Rules& rules) {
    if (!rules.enrich) return false;
    return lists.uses_p0f() || (!decision.flags.suspicious && rules.discrimination->uses_p0f());
}

policy::Request with_p0f(const policy::Request& request, const greylist::ClientFacts& facts) {
    policy::Request known = request;
    if (!facts.p0f_os.empty()) known.set("p0f_os", facts.p0f_os);
    if (!facts.p0f_link.empty()) known.set("p0f_link", facts.p0f_link);
    if (facts.p0f_distance) known.set("p0f_distance", std::to_string(*facts.p0f_distance));
    return known;
}

void consider_p0f(Decision& decision, const greylist::ClientFacts& facts, const Rules& rules) {
    const policy::Request request = with_p0f(decision.pending->request, facts);
    if (decision.lists->uses_p0f()) ask_lists(decision, request);
    if (!rules.discrimination) return;
    auto rule = rules.discrimination->first_match(decision.pending->request);
    if (!rule) rule = rules.discrimination->first_match(request);
    decision.flags.suspicious = rule.has_value();
    decision.discrimination_rule = rule.value_or(0);
}

}  // namespace sqlgrey::service
