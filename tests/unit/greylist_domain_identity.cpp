// The widest identity: '=' and the sender's domain, for clients that its SPF record covers.
#include "greylist_fixture.hpp"
#include "sqlgrey/base/utf8.hpp"
#include "sqlgrey/greylist/identities.hpp"
#include "sqlgrey/greylist/limits.hpp"
#include "sqlgrey/net/pool.hpp"

namespace sqlgrey::greylist {
namespace {

Triplet under(const std::string& src) {
    Triplet triplet = some_triplet();
    triplet.src = src;
    return triplet;
}

// A covered client, with and without pools.
Ladder without_pool() {
    Ladder ladder{{under("192.0.2"), {}}};
    ladder.others.push_back({under("=example.org"), {}, false, true});
    return ladder;
}
Ladder in_pool() {
    Ladder ladder{{under("@example.com"), {}}};
    ladder.others.push_back({under("192.0.2"), {}, true});
    ladder.others.push_back({under("=example.org"), {}, false, true});
    return ladder;
}

Known& domain(Ladder& ladder) {
    return ladder.others.back().known;
}
PutConnect waits(const std::string& src) {
    return {under(src), now, now - policy.max_connect_age};
}
PutFromAwl put(const std::string& src, base::Time first_seen) {
    return {src, "example.org", "alice", first_seen, now};
}
using Changes = std::vector<Change>;

}  // namespace

TEST_CASE("a domain's identity fits the column, and no other begins so") {
    CHECK(domain_identity("example.org") == "=example.org");
    const std::string longest(38, 'a');
    CHECK(domain_identity(longest) == "=" + longest);
    const std::string longer = longest + "b";
    CHECK(domain_identity(longer).size() == max_src);
    CHECK(domain_identity(longer) != domain_identity(longest + "c"));
    CHECK(domain_identity(longer).substr(1) == net::pool_identity(longer).substr(1));
}

TEST_CASE("a shortened identity is valid UTF-8, wherever it is cut") {
    for (std::size_t before = 0; before < 20; ++before) {
        std::string text(before, 'a');
        while (text.size() < 60) text += "\xe2\x82\xac";
        std::string_view rest = text;
        const std::string identity = domain_identity(text);
        CHECK(identity.size() <= max_src);
        for (rest = identity; !rest.empty(); rest.remove_prefix(base::utf8_sequence(rest)))
            REQUIRE(base::utf8_sequence(rest) > 0);
    }
}

TEST_CASE("a covered client's first attempt waits under the domain's identity too") {
    const Outcome outcome = decide(without_pool(), now, policy);
    CHECK(outcome.verdict == Verdict::first_attempt);
    CHECK(outcome.changes == Changes{waits("192.0.2"), waits("=example.org")});
    CHECK(decide(in_pool(), now, policy).changes == Changes{waits("@example.com"), waits("=example.org")});
    Policy throttling;
    throttling.connect_src_throttle = 3;
    CHECK(decide(in_pool(), now, throttling).changes ==
          Changes{waits("@example.com"), waits("192.0.2"), waits("=example.org")});
}

TEST_CASE("the delay is served, whichever covered client retries") {
    for (Ladder ladder : {without_pool(), in_pool()}) {
        domain(ladder).connect = now - 2min;
        const Outcome early = decide(ladder, now, policy);
        CHECK(early.verdict == Verdict::early_reconnect);
        CHECK(early.left == 3min);
        CHECK(early.changes.empty());
        CHECK(waiting_triplet(ladder, early).src == "=example.org");
    }
}

TEST_CASE("a retry from another covered client passes, and is promoted at home and for the domain") {
    for (Ladder ladder : {without_pool(), in_pool()}) {
        domain(ladder).connect = now - 10min;
        const Outcome outcome = decide(ladder, now, policy);
        CHECK(outcome.verdict == Verdict::reconnect_ok);
        CHECK(outcome.waited == 10min);
        CHECK(outcome.changes ==
              Changes{put(ladder.home.triplet.src, now - 10min), put("=example.org", now - 10min)});
    }
}

TEST_CASE("a retry from the same client promotes the domain's identity even if it did not wait there") {
    Ladder ladder = without_pool();
    ladder.home.known.connect = now - 10min;
    CHECK(decide(ladder, now, policy).changes ==
          Changes{put("192.0.2", now - 10min), put("=example.org", now - 10min)});
    domain(ladder).from_awl = seen(now - 100h, now - 61 * 24h);
    CHECK(decide(ladder, now, policy).changes.size() == 2);
}

TEST_CASE("a third covered client passes at once, and gets a row of its own") {
    Ladder ladder = without_pool();
    domain(ladder).from_awl = seen(now - 10h, now - 1s);
    Outcome outcome = decide(ladder, now, policy);
    CHECK(outcome.verdict == Verdict::from_awl);
    CHECK(only_change(outcome) == Change{put("192.0.2", now - 10h)});
    apply(outcome, ladder);
    CHECK(decide(ladder, now, policy).changes.empty());
    ladder = in_pool();
    domain(ladder).from_awl = seen(now - 10h, now - 1h);
    outcome = decide(ladder, now, policy);
    CHECK(outcome.changes ==
          Changes{TouchFromAwl{"=example.org", "example.org", "alice", now}, put("@example.com", now - 10h)});
}

TEST_CASE("a listed client passes by the domain's row, which is not copied") {
    Policy strict;
    strict.dnsbl_delay = 1h;
    Ladder ladder = without_pool();
    ladder.home.known.facts = ClientFacts{};
    ladder.home.known.facts->dnsbl = 1;
    domain(ladder).from_awl = seen(now - 10h, now - 1h);
    const Outcome outcome = decide(ladder, now, strict);
    CHECK(outcome.verdict == Verdict::from_awl);
    CHECK(only_change(outcome) == Change{TouchFromAwl{"=example.org", "example.org", "alice", now}});
    domain(ladder).from_awl.reset();
    domain(ladder).connect = now - 30min;
    CHECK(decide(ladder, now, strict).left == 30min);
    domain(ladder).connect = now - 2h;
    CHECK(decide(ladder, now, strict).verdict == Verdict::reconnect_ok);
    CHECK(decide(ladder, now, strict).changes.empty());
}

TEST_CASE("a sender that is never auto-whitelisted waits with its domain and is promoted nowhere") {
    RequestFlags flags;
    flags.never_awl = true;
    Ladder ladder = without_pool();
    CHECK(decide(ladder, now, policy, flags).changes.size() == 2);
    domain(ladder).connect = now - 10min;
    const Outcome outcome = decide(ladder, now, policy, flags);
    CHECK(outcome.verdict == Verdict::reconnect_ok);
    CHECK(outcome.changes.empty());
}

TEST_CASE("a trusted client is promoted for its domain if it waits, and not at its first attempt") {
    Policy trusting;
    trusting.dnswl_pass = Trust::low;
    Ladder ladder = without_pool();
    ladder.home.known.facts = ClientFacts{};
    ladder.home.known.facts->dnswl = Trust::low;
    CHECK(decide(ladder, now, trusting).changes.empty());
    domain(ladder).connect = now - 2s;
    const Outcome outcome = decide(ladder, now, trusting);
    CHECK(outcome.verdict == Verdict::dnswl);
    CHECK(outcome.changes == Changes{put("192.0.2", now - 2s), put("=example.org", now - 2s)});
}

TEST_CASE("throttling and client_awl count the client, not its domain") {
    Policy strict;
    strict.connect_src_throttle = 3;
    strict.auto_whitelist_clients = 2;
    Ladder ladder = without_pool();
    domain(ladder).src_connect = 1000;
    domain(ladder).client_awl = RetryCount{9, now - 5h, now - 1h};
    CHECK(decide(ladder, now, strict).verdict == Verdict::first_attempt);
    ladder.home.known.src_connect = 3;
    CHECK(decide(ladder, now, strict).verdict == Verdict::throttled);
    domain(ladder).connect = now - 10min;
    CHECK(decide(ladder, now, strict).changes == Changes{put("192.0.2", now - 10min),
                                                         CountRetry{"192.0.2", now, now - policy.awl_age},
                                                         put("=example.org", now - 10min)});
}

TEST_CASE("later requests of a batch know what earlier ones wrote for the domain") {
    Ladder first = without_pool();
    const Outcome waits_now = decide(first, now, policy);
    Ladder other{{under("198.51.100"), {}}};
    other.others.push_back({under("=example.org"), {}, false, true});
    CHECK(apply(waits_now, other) == Affected::triplet);
    CHECK(decide(other, now, policy).verdict == Verdict::early_reconnect);
}

}  // namespace sqlgrey::greylist
