// What answers of DNS lists say about the lists themselves.
#include "sqlgrey/enrich/inquirer.hpp"

#include <algorithm>

namespace sqlgrey::enrich {
namespace {

constexpr base::Seconds between_looks{1};  // whether a test is due
// What was asked before that may be stored a little later.
constexpr base::Seconds most_in_flight = most_time + base::Seconds{60};

bool is_whitelist(const ListResult& result) {
    return result.source.starts_with("dnswl ");
}

}  // namespace

bool Inquirer::is_off(const DnsList& list) const {
    const ListState* state = find_state(counters_, source_of(list));
    return state && state->is_off(base::SystemClock{}.now());
}

// Also while there are no clients to ask about: facts of other hosts, or of an earlier start, let them pass
// here as well.
void Inquirer::test_lists() {
    const Clock::time_point moment = Clock::now();
    if (moment < tests_due_ || !takes_more_) return;
    tests_due_ = moment + between_looks;
    for (const DnsList& list : settings_.lists)
        if (tests_.is_due(list, moment) && !is_off(list)) asker_.want(test_question(list));
}

// At once, not when an inquiry that wanted it is complete: others that begin meanwhile are not tested again.
void Inquirer::note_tests(const net::DnsQuestion& question, const net::DnsAnswer& answer) {
    for (const DnsList& list : settings_.lists) {
        if (!question.name.ends_with(list.zone) || question != test_question(list)) continue;
        ListAnswer said = meaning_of_test(list, answer);
        tests_.note(list, said.kind, Clock::now());
        if (said.kind == ListAnswer::Kind::refused) note({source_of(list), std::move(said)});
    }
}

void Inquirer::note(const ListResult& result) {
    ListState& state = state_of(counters_, result.source);
    state.answers[static_cast<std::size_t>(result.answer.kind)].add();
    if (result.answer.kind == ListAnswer::Kind::refused) switch_off(state, result);
}

// Facts that the list made before: if it lists everybody, those of its last day may be wrong. A whitelist
// that refuses lets nobody pass meanwhile, because a wrong pass is worse than a wait; listings of a blacklist
// that refuses were right and go on counting.
void Inquirer::switch_off(ListState& state, const ListResult& result) {
    const base::Time now = base::SystemClock{}.now();
    base::Seconds doubted{0};
    if (is_whitelist(result)) doubted = list_pause;
    if (result.answer.lists_everybody)
        doubted = std::max(longest_keep, settings_.keep_listed) + most_in_flight;
    const std::int64_t until = base::epoch(now + doubted);
    if (until > state.doubted_until.value() && doubted.count() > 0) state.doubted_until.set(until);
    if (state.is_off(now)) return;
    state.off_until.set(base::epoch(now + list_pause));
    logger_.write(log::Category::other, log::warning,
                  "warning: " + result.source + " answers " + result.answer.code + ": " +
                      result.answer.reason + "; it is not asked for an hour");
}

}  // namespace sqlgrey::enrich
