// The effect of lists, opt tables and other recipients of a message on an outcome.
#include "greylist_fixture.hpp"

namespace sqlgrey::greylist {
namespace {

Known waiting_since(base::Seconds ago) {
    Known known;
    known.connect = now - ago;
    return known;
}
Known in_client_awl(long long count, base::Seconds ago) {
    Known known;
    known.client_awl = RetryCount{count, now - ago, now - ago};
    return known;
}
Policy with_clients(long long count) {
    Policy changed = policy;
    changed.auto_whitelist_clients = count;
    return changed;
}
Verdict verdict(const Known& known, const Policy& by, const RequestFlags& flags = {}) {
    return decide(some_triplet(), known, now, by, flags).verdict;
}

const RequestFlags never{true, true, false};
const RequestFlags accepted_message{true, false, true};

}  // namespace

TEST_CASE(
    "opt-in: a recipient that asked for it, or whose domain did and that did not object, is greylisted") {
    Policy optin = policy;
    optin.opt_method = OptMethod::optin;
    // in_domain, in_email, out_domain, out_email
    const auto greylisted = [&](Opted opted) {
        Known known;
        known.opted = opted;
        return verdict(known, optin) == Verdict::first_attempt;
    };
    CHECK_FALSE(greylisted({false, false, false, false}));
    CHECK(greylisted({true, false, false, false}));
    CHECK_FALSE(greylisted({true, false, false, true}));
    CHECK(greylisted({false, true, false, false}));
    CHECK(greylisted({true, true, false, true}));
    CHECK_FALSE(greylisted({false, false, true, true}));
}

TEST_CASE(
    "opt-out: a recipient that objected, or whose domain did and that did not ask for it, is not "
    "greylisted") {
    Policy optout = policy;
    optout.opt_method = OptMethod::optout;
    const auto greylisted = [&](Opted opted) {
        Known known;
        known.opted = opted;
        return verdict(known, optout) == Verdict::first_attempt;
    };
    CHECK(greylisted({false, false, false, false}));
    CHECK_FALSE(greylisted({false, false, true, false}));
    CHECK(greylisted({false, true, true, false}));
    CHECK_FALSE(greylisted({false, false, false, true}));
    CHECK_FALSE(greylisted({false, true, true, true}));
    CHECK(greylisted({true, true, false, false}));
}

TEST_CASE("without an opt method the opt tables mean nothing") {
    Known known;
    known.opted = {true, true, true, true};
    CHECK(verdict(known, policy) == Verdict::first_attempt);
}

TEST_CASE("a request that discrimination does not mark adds no row") {
    const Outcome outcome = decide(some_triplet(), {}, now, policy, {false, false, false});
    CHECK(outcome.verdict == Verdict::unsuspicious);
    CHECK(outcome.changes.empty());
}

TEST_CASE("an accepted retry counts for the client, if auto_whitelist_clients is set") {
    const Outcome counted = decide(some_triplet(), waiting_since(10min), now, with_clients(5));
    CHECK(counted.verdict == Verdict::reconnect_ok);
    REQUIRE(counted.changes.size() == 2);
    CHECK(counted.changes.back() == Change{CountRetry{"192.0.2", now, now - policy.awl_age}});
    CHECK(decide(some_triplet(), waiting_since(10min), now, policy).changes.size() == 1);
}

TEST_CASE("a client with enough accepted retries that is still known needs no waiting") {
    CHECK(verdict(in_client_awl(5, 1h), with_clients(5)) == Verdict::client_awl);
    CHECK(verdict(in_client_awl(4, 1h), with_clients(5)) == Verdict::first_attempt);
    CHECK(verdict(in_client_awl(5, policy.awl_age), with_clients(5)) == Verdict::first_attempt);
    CHECK(verdict(in_client_awl(5, 1h), policy) == Verdict::first_attempt);
    const Outcome touched = decide(some_triplet(), in_client_awl(5, 1h), now, with_clients(5));
    CHECK(only_change(touched) == Change{TouchClientAwl{"192.0.2", now}});
    CHECK(decide(some_triplet(), in_client_awl(5, 59s), now, with_clients(5)).changes.empty());
}

TEST_CASE("accepted retries count at most once an hour, and start again when too old") {
    Known known;
    const auto retry_at = [&](base::Time when) {
        apply(with(CountRetry{"192.0.2", when, when - 24h}), some_triplet(), known);
    };
    retry_at(now);
    retry_at(now + 59min);
    CHECK(known.client_awl == RetryCount{1, now, now + 59min});
    retry_at(now + 60min);
    CHECK(known.client_awl == RetryCount{2, now + 60min, now + 60min});
    retry_at(now + 26h);
    CHECK(known.client_awl == RetryCount{1, now + 26h, now + 26h});
    apply(with(CountRetry{"198.51.100", now + 30h, now}), some_triplet(), known);
    CHECK(known.client_awl == RetryCount{1, now + 26h, now + 26h});
}

TEST_CASE("a sender that is never auto-whitelisted waits with each triplet, and earns no row") {
    Known known = in_client_awl(9, 1h);
    known.domain_awl = Seen{now - 24h, now - 1h};
    known.from_awl = Seen{now - 24h, now - 1h};
    CHECK(verdict(known, with_clients(5), never) == Verdict::first_attempt);
    known.connect = now - 10min;
    const Outcome passed = decide(some_triplet(), known, now, with_clients(5), never);
    CHECK(passed.verdict == Verdict::reconnect_ok);
    CHECK(passed.changes.empty());
}

TEST_CASE("a message of which one recipient was accepted is accepted for all") {
    CHECK(verdict({}, policy, accepted_message) == Verdict::message_accepted);
    CHECK(verdict(waiting_since(1min), policy, accepted_message) == Verdict::message_accepted);
    CHECK(verdict(waiting_since(10min), policy, accepted_message) == Verdict::reconnect_ok);
    CHECK(decide(some_triplet(), {}, now, policy, accepted_message).changes.empty());
}

TEST_CASE("how long is left to wait") {
    CHECK(decide(some_triplet(), {}, now, policy).left == 5min);
    CHECK(decide(some_triplet(), waiting_since(2min), now, policy).left == 3min);
    CHECK(decide(some_triplet(), waiting_since(299s), now, policy).left == 1s);
}

TEST_CASE("at exactly reconnect_delay a retry is early, and a second is left") {
    const Outcome outcome = decide(some_triplet(), waiting_since(5min), now, policy);
    CHECK(outcome.verdict == Verdict::early_reconnect);
    CHECK(outcome.left == 1s);
    Policy at_once;
    at_once.reconnect_delay = 0s;
    CHECK(decide(some_triplet(), {}, now, at_once).left == 1s);
    CHECK(decide(some_triplet(), waiting_since(0s), now, at_once).left == 1s);
}

}  // namespace sqlgrey::greylist
