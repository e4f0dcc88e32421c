#include "greylist_fixture.hpp"
#include "sqlgrey/greylist/identities.hpp"

namespace sqlgrey::greylist {
namespace {

Triplet under(const std::string& src) {
    Triplet triplet = some_triplet();
    triplet.src = src;
    return triplet;
}

// A client of a pool, known before by its network.
Ladder pool_and_client() {
    Ladder ladder{{under("@example.com"), {}}};
    ladder.others.push_back({under("192.0.2"), {}, true});
    ladder.others.push_back({under("192.0.2.7"), {}});
    return ladder;
}

Known& client(Ladder& ladder) {
    return ladder.others.at(0).known;
}

PutConnect waits_at_home() {
    return {under("@example.com"), now, now - policy.max_connect_age};
}
PutFromAwl put(const std::string& src, base::Time first_seen) {
    return {src, "example.org", "alice", first_seen, now};
}

}  // namespace

TEST_CASE("an unknown sender's row has the widest identity") {
    const Outcome outcome = decide(pool_and_client(), now, policy);
    CHECK(outcome.verdict == Verdict::first_attempt);
    CHECK(only_change(outcome) == Change{waits_at_home()});
}

TEST_CASE("a retry counts whatever identity the first attempt had") {
    for (const std::size_t rung : {0U, 1U}) {
        Ladder ladder = pool_and_client();
        ladder.others.at(rung).known.connect = now - 10min;
        const Outcome outcome = decide(ladder, now, policy);
        CHECK(outcome.verdict == Verdict::reconnect_ok);
        CHECK(outcome.waited == 10min);
        const std::string src = ladder.others.at(rung).triplet.src;
        CHECK(outcome.changes ==
              std::vector<Change>{put("@example.com", now - 10min), put(src, now - 10min)});
    }
}

TEST_CASE("of several attempts the first counts, of those that still count") {
    Ladder ladder = pool_and_client();
    ladder.home.known.connect = now - 1min;
    client(ladder).connect = now - 10min;
    CHECK(decide(ladder, now, policy).verdict == Verdict::reconnect_ok);
    client(ladder).connect = now - 2min;
    CHECK(decide(ladder, now, policy).left == 3min);
    client(ladder).connect = now - 25h;
    CHECK(decide(ladder, now, policy).left == 4min);
    client(ladder).connect = now + 1h;
    CHECK(decide(ladder, now, policy).left == 4min);
    ladder.home.known.connect.reset();
    CHECK(decide(ladder, now, policy).verdict == Verdict::first_attempt);
}

TEST_CASE("an auto-whitelist row under another identity lets the mail pass, and is copied once") {
    Ladder ladder = pool_and_client();
    client(ladder).from_awl = seen(now - 100h, now - 1s);
    Outcome outcome = decide(ladder, now, policy);
    CHECK(outcome.verdict == Verdict::from_awl);
    CHECK(only_change(outcome) == Change{put("@example.com", now - 100h)});
    apply(outcome, ladder);
    CHECK(ladder.home.known.from_awl == seen(now - 100h, now));
    CHECK(decide(ladder, now, policy).changes.empty());

    ladder = pool_and_client();
    client(ladder).domain_awl = seen(now - 100h, now - 1h);
    outcome = decide(ladder, now, policy);
    CHECK(outcome.verdict == Verdict::domain_awl);
    CHECK(only_change(outcome) == Change{PutDomainAwl{"@example.com", "example.org", now - 100h, now}});
}

TEST_CASE("an expired auto-whitelist row counts under no identity") {
    Ladder ladder = pool_and_client();
    client(ladder).from_awl = seen(now - 2000h, now - 61 * 24h);
    client(ladder).domain_awl = seen(now - 2000h, now - 61 * 24h);
    CHECK(decide(ladder, now, policy).verdict == Verdict::first_attempt);
    ladder.home.known.from_awl = seen(now - 2000h, now - 61 * 24h);
    client(ladder).from_awl = seen(now - 2000h, now - 1h);
    CHECK(decide(ladder, now, policy).verdict == Verdict::from_awl);
}

TEST_CASE("a client that belongs to a pool by its network passes by its own row, without one for the pool") {
    Ladder ladder = pool_and_client();
    ladder.is_verified = false;
    client(ladder).from_awl = seen(now - 100h, now - 1h);
    const Outcome outcome = decide(ladder, now, policy);
    CHECK(outcome.verdict == Verdict::from_awl);
    CHECK(only_change(outcome) == Change{TouchFromAwl{"192.0.2", "example.org", "alice", now}});
}

TEST_CASE("client_awl and throttling know the client, not its pool") {
    Policy strict;
    strict.auto_whitelist_clients = 2;
    strict.connect_src_throttle = 3;
    Ladder ladder = pool_and_client();
    ladder.home.known.src_connect = 1000;
    CHECK(decide(ladder, now, strict).verdict == Verdict::first_attempt);
    client(ladder).src_connect = 3;
    CHECK(decide(ladder, now, strict).verdict == Verdict::throttled);
    client(ladder).client_awl = RetryCount{2, now - 5h, now - 1h};
    const Outcome passes = decide(ladder, now, strict);
    CHECK(passes.verdict == Verdict::client_awl);
    CHECK(only_change(passes) == Change{TouchClientAwl{"192.0.2", now}});
    client(ladder).client_awl.reset();
    ladder.home.known.client_awl = RetryCount{2, now - 5h, now - 1h};
    ladder.home.known.connect = now - 10min;
    const Outcome accepted = decide(ladder, now, strict);
    CHECK(accepted.verdict == Verdict::reconnect_ok);
    CHECK(accepted.changes.at(1) == Change{CountRetry{"192.0.2", now, now - strict.awl_age}});
}

TEST_CASE("a sender that is never auto-whitelisted passes by its row elsewhere, which stays") {
    RequestFlags flags;
    flags.never_awl = true;
    Ladder ladder = pool_and_client();
    client(ladder).connect = now - 10min;
    client(ladder).from_awl = seen(now - 100h, now - 1h);
    const Outcome outcome = decide(ladder, now, policy, flags);
    CHECK(outcome.verdict == Verdict::reconnect_ok);
    CHECK(outcome.changes.empty());
}

TEST_CASE("the network is recorded together with other changes, and alone causes no write") {
    Ladder ladder = pool_and_client();
    ladder.memory = RememberPool{"@example.com", "192.0.2", "mx.example.com", {}};
    const Outcome first = decide(ladder, now, policy);
    CHECK(first.changes == std::vector<Change>{waits_at_home(), RememberPool{"@example.com", "192.0.2",
                                                                             "mx.example.com", now}});
    apply(first, ladder);
    CHECK(ladder.home.known.connect == now);
    const Outcome early = decide(ladder, now, policy);
    CHECK(early.verdict == Verdict::early_reconnect);
    CHECK(early.changes.empty());
}

TEST_CASE("without other identities it is the decision of one") {
    Ladder ladder{{some_triplet(), {}}};
    ladder.home.known.connect = now - 10min;
    const Outcome outcome = decide(ladder, now, policy);
    CHECK(outcome.changes == decide(ladder.home.triplet, ladder.home.known, now, policy).changes);
}

}  // namespace sqlgrey::greylist
