// What the rules do with facts about the client: trust passes, blacklists and SPF fail make it wait longer.
#include "greylist_fixture.hpp"

namespace sqlgrey::greylist {
namespace {

Policy some_policy() {
    Policy some;
    some.dnswl_pass = Trust::medium;
    some.dnsbl_threshold = 2;
    some.dnsbl_delay = 1h;
    some.spf_fail_delay = 20min;
    return some;
}

Known trusted(Trust trust) {
    Known known;
    known.facts = ClientFacts{};
    known.facts->dnswl = trust;
    return known;
}
Known listed(std::int64_t weight) {
    Known known;
    known.facts = ClientFacts{};
    known.facts->dnsbl = weight;
    return known;
}
Known with_spf(spf::Verdict result) {
    Known known;
    known.facts = ClientFacts{};
    known.facts->spf = result;
    return known;
}

Outcome decided(const Known& known, const Policy& by = some_policy(), const RequestFlags& flags = {}) {
    return decide(some_triplet(), known, now, by, flags);
}

const Change promotion_of_10s{PutFromAwl{"192.0.2", "example.org", "alice", now - 10s, now}};

}  // namespace

TEST_CASE("a client that a DNS whitelist trusts enough passes at its first attempt, without a row") {
    for (const Trust trust : {Trust::medium, Trust::high}) {
        const Outcome outcome = decided(trusted(trust));
        CHECK(outcome.verdict == Verdict::dnswl);
        CHECK(outcome.rule == "dnswl");
        CHECK(outcome.changes.empty());
        CHECK_FALSE(outcome.row);
    }
    for (const Trust trust : {Trust::none, Trust::low})
        CHECK(decided(trusted(trust)).verdict == Verdict::first_attempt);
}

TEST_CASE("dnswl_pass = none is content with being on the list, and nothing with not being on it") {
    Policy any = some_policy();
    any.dnswl_pass = Trust::none;
    CHECK(decided(trusted(Trust::none), any).verdict == Verdict::dnswl);
    Known known;
    CHECK(decided(known, any).verdict == Verdict::first_attempt);
    known.facts = ClientFacts{};
    CHECK(decided(known, any).verdict == Verdict::first_attempt);
}

TEST_CASE("without dnswl_pass no trust passes") {
    Policy off = some_policy();
    off.dnswl_pass.reset();
    CHECK(decided(trusted(Trust::high), off).verdict == Verdict::first_attempt);
}

TEST_CASE("a trusted client's retry passes however early, and is promoted so that nothing waits") {
    Known known = trusted(Trust::high);
    for (const base::Seconds age : {0s, 10s, 300s}) {
        known.connect = now - age;
        const Outcome outcome = decided(known);
        CHECK(outcome.verdict == Verdict::dnswl);
        CHECK(outcome.row == seen(now - age, now - age));
        CHECK(only_change(outcome) == Change{PutFromAwl{"192.0.2", "example.org", "alice", now - age, now}});
    }
    Policy counting = some_policy();
    counting.auto_whitelist_clients = 1;
    known.connect = now - 10s;
    CHECK(decided(known, counting).changes ==
          std::vector<Change>{promotion_of_10s, CountRetry{"192.0.2", now, now - policy.awl_age}});
    known.senders_known = 1;
    CHECK(only_change(decided(known)) == Change{PutDomainAwl{"192.0.2", "example.org", now - 10s, now}});
}

TEST_CASE("a row that no longer counts, or is of the future, is not promoted by trust") {
    Known known = trusted(Trust::high);
    for (const base::Time first_seen : {now - 24h - 1s, now + 1s}) {
        known.connect = first_seen;
        CHECK(decided(known).verdict == Verdict::dnswl);
        CHECK(decided(known).changes.empty());
    }
}

TEST_CASE("a known sender passes by its row, not by trust") {
    Known known = trusted(Trust::high);
    known.from_awl = seen(now - 48h, now - 1h);
    CHECK(decided(known).verdict == Verdict::from_awl);
}

TEST_CASE("a client or sender that is never auto-whitelisted does not pass by trust either") {
    RequestFlags flags;
    flags.never_awl = true;
    CHECK(decided(trusted(Trust::high), some_policy(), flags).verdict == Verdict::first_attempt);
}

TEST_CASE("the delay is the greatest of those that apply") {
    const Policy some = some_policy();
    CHECK(delay_of({}, some) == 5min);
    CHECK(delay_of(listed(1), some) == 5min);
    CHECK(delay_of(listed(2), some) == 1h);
    CHECK(delay_of(with_spf(spf::Verdict::fail), some) == 20min);
    for (const auto other : {spf::Verdict::pass, spf::Verdict::softfail, spf::Verdict::neutral,
                             spf::Verdict::none, spf::Verdict::temperror, spf::Verdict::permerror})
        CHECK(delay_of(with_spf(other), some) == 5min);
    Known both = listed(5);
    both.facts->spf = spf::Verdict::fail;
    CHECK(delay_of(both, some) == 1h);
    Policy long_for_spf = some;
    long_for_spf.spf_fail_delay = 2h;
    CHECK(delay_of(both, long_for_spf) == 2h);
    CHECK(longest_delay(long_for_spf) == 2h);
    CHECK(longest_delay(policy) == 5min);
    Policy shorter = some;
    shorter.dnsbl_delay = shorter.spf_fail_delay = 1min;
    CHECK(delay_of(both, shorter) == 5min);
    CHECK(delay_of(both, policy) == 5min);
}

TEST_CASE("facts are complete when all that is asked about has been asked") {
    const auto done = [](const char* client, const char* domain) {
        return Fact{{client, domain}, "asked", "done", base::Time{}};
    };
    std::vector<Fact> rows{done("192.0.2.1", "")};
    CHECK(facts_of(rows, false).complete);
    CHECK_FALSE(facts_of(rows, true).complete);
    rows.push_back(done("192.0.2.1", "example.org"));
    CHECK(facts_of(rows, true).complete);
    rows.push_back({{"", "example.org"}, "asked", "asking somebody", base::Time{}});
    CHECK_FALSE(facts_of(rows, true, true).complete);
    rows.back() = done("", "example.org");
    CHECK(facts_of(rows, true, true).complete);
    rows.push_back({{"192.0.2.1", "example.org"}, "spf", "fail", base::Time{}});
    rows.push_back({{"", "example.org"}, "spf", "pass", base::Time{}});  // says something else
    CHECK(facts_of(rows, true, true).spf == spf::Verdict::fail);
}

TEST_CASE("weights in the table that no list can have are left out of the sum") {
    const auto row = [](const char* source, const char* value) {
        return Fact{{"192.0.2.1", ""}, source, value, base::Time{}};
    };
    const std::vector<Fact> rows{row("dnsbl one.example", "2 127.0.0.2"), row("dnsbl two.example", "3"),
                                 row("dnsbl less.example", "-5 127.0.0.2"),
                                 row("dnsbl most.example", "9223372036854775807 127.0.0.2"),
                                 row("dnsbl more.example", "9223372036854775807 127.0.0.2")};
    const ClientFacts facts = facts_of(rows, false);
    CHECK(facts.dnsbl == 5);
    CHECK(facts.dnsbl_zones == "one.example,two.example");
}

TEST_CASE("a listed client waits for dnsbl_delay, and the outcome says so") {
    Known known = listed(2);
    const Outcome first = decided(known);
    CHECK(first.verdict == Verdict::first_attempt);
    CHECK(first.delay == 1h);
    CHECK(first.left == 1h);
    known.connect = now - 10min;
    const Outcome early = decided(known);
    CHECK(early.verdict == Verdict::early_reconnect);
    CHECK(early.delay == 1h);
    CHECK(early.left == 50min);
    known.connect = now - 1h;
    CHECK(decided(known).verdict == Verdict::early_reconnect);
    CHECK(decided(known).left == 1s);
    known.connect = now - 1h - 1s;
    CHECK(decided(known).verdict == Verdict::reconnect_ok);
}

TEST_CASE("a listed client's retry passes until max_connect_age and is not promoted") {
    Policy counting = some_policy();
    counting.auto_whitelist_clients = 1;
    Known known = listed(2);
    known.connect = now - 24h;
    const Outcome outcome = decided(known, counting);
    CHECK(outcome.verdict == Verdict::reconnect_ok);
    CHECK(outcome.changes.empty());
    known = listed(1);
    known.connect = now - 24h;
    CHECK(decided(known, counting).changes.size() == 2);
}

TEST_CASE("a listed client still passes by a row of the auto-whitelists") {
    Known known = listed(9);
    known.domain_awl = seen(now - 48h, now - 1h);
    CHECK(decided(known).verdict == Verdict::domain_awl);
}

TEST_CASE("a client on white- and blacklists passes, and is not promoted") {
    Known known = trusted(Trust::high);
    known.facts->dnsbl = 2;
    known.connect = now - 10s;
    CHECK(decided(known).verdict == Verdict::dnswl);
    CHECK(decided(known).changes.empty());
}

TEST_CASE("without dnsbl_delay a listed client is as any other") {
    Policy off = some_policy();
    off.dnsbl_delay = 0s;
    Known known = listed(100);
    CHECK_FALSE(is_listed(known, off));
    known.connect = now - 301s;
    CHECK(decided(known, off).changes.size() == 1);
}

TEST_CASE("an SPF fail makes the sender wait longer, and it is promoted as others") {
    Known known = with_spf(spf::Verdict::fail);
    known.connect = now - 20min;
    CHECK(decided(known).verdict == Verdict::early_reconnect);
    CHECK(decided(known).delay == 20min);
    known.connect = now - 20min - 1s;
    CHECK(decided(known).verdict == Verdict::reconnect_ok);
    CHECK(decided(known).changes.size() == 1);
}

TEST_CASE("retries without proof wait for the same delay") {
    Policy unproven = some_policy();
    unproven.pool_unproven_retries = 1;
    Known known = listed(2);
    known.unproven = Unproven{now - 30min, 2, false};
    CHECK(decided(known, unproven).verdict == Verdict::first_attempt);
    known.unproven->first = now - 1h - 1s;
    CHECK(decided(known, unproven).rule == "unproven_retries");
}

TEST_CASE("mail that is expected, or whose message has passed, does not wait for the longer delay") {
    Known known = listed(2);
    known.expected_until = now + 1s;
    CHECK(decided(known).verdict == Verdict::expected);
    RequestFlags flags;
    flags.message_accepted = true;
    CHECK(decided(listed(2), some_policy(), flags).verdict == Verdict::message_accepted);
}

TEST_CASE("an explanation shows trust and what the delay depends on, where it is known") {
    Known known = trusted(Trust::low);
    known.facts->dnsbl = 3;
    known.facts->spf = spf::Verdict::fail;
    const auto saw = [&](std::string_view rule, std::string_view name) -> std::optional<long long> {
        for (const RuleReport& report : explain(some_triplet(), known, now, some_policy()))
            for (const Observation& one : report.saw)
                if (report.rule == rule && one.name == name) return one.value;
        return -1;
    };
    CHECK(saw("dnswl", "dnswl") == 1);
    CHECK(saw("dnswl", "dnswl_pass") == 2);
    CHECK(saw("reconnect_ok", "dnsbl") == 3);
    CHECK(saw("early_reconnect", "dnsbl_threshold") == 2);
    CHECK(saw("early_reconnect", "dnsbl_delay") == 3600);
    CHECK(saw("reconnect_ok", "spf_fail") == 1);
    CHECK(saw("first_attempt", "spf_fail_delay") == 1200);
    known.facts.reset();
    CHECK_FALSE(saw("dnswl", "dnswl"));
    CHECK(saw("reconnect_ok", "dnsbl") == -1);
}

}  // namespace sqlgrey::greylist
