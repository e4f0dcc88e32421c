// fact, spf_network: read with a batch, claimed by one of several, written by the resolver.
#include "facts_fixture.hpp"

#include <atomic>
#include <barrier>
#include <thread>

namespace sqlgrey::store {

using namespace std::chrono_literals;

TEST_CASE_METHOD(FactsTest, "facts: what is known of a client and of a domain is found together") {
    write({{of_client, "dnswl list.dnswl.org", "medium", now + 1h},
           {of_client, "dnsbl zen.example", "2 127.0.0.2", now + 1h},
           {of_client, "p0f_os", "Linux 3.11 and newer", now + 1h},
           {of_both, "spf", "softfail", now + 1h},
           {{"192.0.2.1", "example.com"}, "spf", "fail", now + 1h},
           {{"192.0.2.2", ""}, "dnsbl zen.example", "9 127.0.0.2", now + 1h}});
    const ClientFacts found = known_of(question("192.0.2.1"));
    CHECK(found.dnswl == greylist::Trust::medium);
    CHECK(found.dnsbl == 2);
    CHECK(found.dnsbl_zones == "zen.example");
    CHECK(found.p0f_os == "Linux 3.11 and newer");
    CHECK(found.spf == spf::Verdict::softfail);
    CHECK_FALSE(found.complete);
    CHECK(known_of(question("192.0.2.1", "")).spf == std::nullopt);
    CHECK(known_of(question("192.0.2.3")) == ClientFacts{});
}

TEST_CASE_METHOD(FactsTest, "facts: they are complete when another host has asked about the networks too") {
    FactQuestion asked = question("192.0.2.1");
    asked.with_networks = true;
    claim({of_domain});
    write({{of_client, "asked", "done", now + 1h}, {of_both, "asked", "done", now + 1h}});
    CHECK(known_of(question("192.0.2.1")).complete);
    CHECK_FALSE(known_of(asked).complete);
    write({{of_domain, "asked", "done", now + 1h}, {of_domain, "spf", "2", now + 1h}});
    CHECK(known_of(asked).complete);
    CHECK_FALSE(known_of(asked).spf);
}

TEST_CASE_METHOD(FactsTest, "facts: those of a list that is doubted do not count until it is not") {
    write({{of_client, "dnswl wl.example", "high", now + 1h},
           {of_client, "dnswl list.dnswl.org", "low", now + 1h},
           {of_client, "asked", "done", now + 1h}});
    Target target = database.target();
    std::string doubted = "dnswl wl.example";
    target.is_doubted = [&](std::string_view source) { return source == doubted; };
    const auto doubting = open_store(target, &clock);
    const FactQuestion asked = question("192.0.2.1", "");
    const ClientFacts found = doubting->look_up_facts(std::span(&asked, 1)).at(0);
    CHECK(found.dnswl == greylist::Trust::low);
    CHECK(found.complete);
    doubted.clear();
    CHECK(doubting->look_up_facts(std::span(&asked, 1)).at(0).dnswl == greylist::Trust::high);
}

TEST_CASE_METHOD(FactsTest, "facts: a batch gets the facts of each question, of whatever size it is") {
    for (const int size : {1, 2, 3, 4, 5, 7, 33, 64}) {
        CAPTURE(size);
        std::vector<Fact> rows;
        std::vector<FactQuestion> asked;
        for (int i = 0; i < size; ++i) {
            const std::string address = "198.51.100." + std::to_string(i);
            rows.push_back({{address, ""}, "dnsbl a.example", std::to_string(i + 1), now + 1h});
            rows.push_back({{address, "example.org"}, "spf", i % 2 == 0 ? "pass" : "fail", now + 1h});
            asked.push_back(question(address));
        }
        write(rows);
        const std::vector<ClientFacts> found = store->look_up_facts(asked);
        REQUIRE(found.size() == asked.size());
        for (int i = 0; i < size; ++i) {
            const ClientFacts& one = found[static_cast<std::size_t>(i)];
            CHECK(one.dnsbl == i + 1);
            CHECK(one.spf == (i % 2 == 0 ? spf::Verdict::pass : spf::Verdict::fail));
        }
    }
    CHECK(store->look_up_facts({}).empty());
}

TEST_CASE_METHOD(FactsTest,
                 "facts: a client is in a network that the domain's record covers, to the address") {
    write({}, {{"example.org",
                {range("192.0.2.0", "192.0.2.127"), range("198.51.100.7", "198.51.100.7"),
                 range("2001:db8::", "2001:db8::ff")},
                now + 1h},
               {"example.com", {range("203.0.113.0", "203.0.113.255")}, now + 1h}});
    for (const char* address : {"192.0.2.0", "192.0.2.1", "192.0.2.127", "198.51.100.7",
                                "2001:db8::", "2001:db8::ff", "2001:db8::a"})
        CHECK(covers(address));
    for (const char* address : {"192.0.1.255", "192.0.2.128", "198.51.100.6", "198.51.100.8", "0.0.0.0",
                                "255.255.255.255", "2001:db7:ffff::1", "2001:db8::100", "::", "203.0.113.1"})
        CHECK_FALSE(covers(address));
    CHECK(covers("203.0.113.1", "example.com"));
    CHECK_FALSE(covers("192.0.2.1", ""));
    CHECK_FALSE(covers("192.0.2.1", "org"));
}

TEST_CASE_METHOD(FactsTest, "facts: those that have expired are not read") {
    write({{of_client, "dnswl list.dnswl.org", "high", now + 10s}, {of_both, "spf", "pass", now + 20s}},
          {{"example.org", {range("192.0.2.0", "192.0.2.255")}, now + 30s}});
    CHECK(known_of(question("192.0.2.1")).dnswl == greylist::Trust::high);
    clock.advance(10s);
    CHECK_FALSE(known_of(question("192.0.2.1")).dnswl.has_value());
    CHECK(known_of(question("192.0.2.1")).spf == spf::Verdict::pass);
    CHECK(read({of_client, of_both}).size() == 1);
    clock.advance(19s);
    CHECK(known_of(question("192.0.2.1")).spf == std::nullopt);
    CHECK(covers("192.0.2.1"));
    clock.advance(1s);
    CHECK_FALSE(covers("192.0.2.1"));
    CHECK(read({of_client, of_both}).empty());
}

TEST_CASE_METHOD(FactsTest,
                 "facts: later ones replace those of the same source, and networks all of the domain") {
    write({{of_client, "p0f_os", "Linux", now + 1h}, {of_client, "p0f_link", "DSL", now + 1h}},
          {{"example.org", {range("192.0.2.0", "192.0.2.255"), range("2001:db8::", "2001:db8::1")}, now + 1h},
           {"example.com", {range("192.0.2.0", "192.0.2.255")}, now + 1h}});
    write({{of_client, "p0f_os", "Windows", now + 5min}, {of_client, "p0f_os", "Solaris", now + 2h}},
          {{"example.org", {range("192.0.2.9", "192.0.2.9")}, now + 2h}});
    CHECK(read({of_client}) == std::vector<Fact>{{of_client, "p0f_link", "DSL", now + 1h},
                                                 {of_client, "p0f_os", "Solaris", now + 2h}});
    CHECK(covers("192.0.2.9"));
    CHECK_FALSE(covers("192.0.2.1"));
    CHECK_FALSE(covers("2001:db8::1"));
    CHECK(covers("192.0.2.1", "example.com"));
    write({}, {{"example.org", {}, now + 2h}});
    CHECK_FALSE(covers("192.0.2.9"));
    CHECK(database.rows("spf_network") == 1);
}

TEST_CASE_METHOD(FactsTest, "facts: a domain may have as many networks as a record can cover") {
    std::vector<AddressRange> ranges;
    for (int i = 0; i < 1000; ++i) {
        const std::string begin = "10." + std::to_string(i / 100) + "." + std::to_string(i % 100) + ".";
        ranges.push_back(range(begin + "0", begin + "127"));
    }
    write({}, {{"example.org", ranges, now + 1h}});
    CHECK(database.rows("spf_network") == 1000);
    CHECK(covers("10.0.0.0"));
    CHECK(covers("10.9.99.127"));
    CHECK_FALSE(covers("10.4.20.128"));
}

TEST_CASE_METHOD(FactsTest,
                 "facts: who asks is the one that has claimed the subject, until the claim expires") {
    const auto other = open_facts(database.target(), &clock);
    const std::vector<FactSubject> subjects{of_client, of_both, of_domain, of_client};
    const auto first = facts->claim(subjects, 10s);
    CHECK(first.now == now);
    CHECK(first.won == std::vector{true, true, true, false});
    CHECK(claim({of_client, of_domain}) == std::vector{false, false});
    CHECK(other->claim(subjects, 10s).won == std::vector(4, false));
    CHECK_FALSE(known_of(question("192.0.2.1")).complete);
    clock.advance(9s);
    CHECK(claim({of_client}) == std::vector{false});
    clock.advance(1s);
    CHECK(other->claim(std::span(subjects).first(1), 10s).won == std::vector{true});
    CHECK(claim({of_client, of_both}) == std::vector{false, true});
}

TEST_CASE_METHOD(FactsTest, "facts: what is known is not asked again until it expires") {
    CHECK(claim({of_client, of_both, of_domain}) == std::vector{true, true, true});
    write({{of_client, "asked", "done", now + 5min}, {of_both, "asked", "done", now + 1h}});
    CHECK(known_of(question("192.0.2.1")).complete);
    CHECK(known_of(question("192.0.2.1", "")).complete);
    CHECK_FALSE(known_of(question("192.0.2.1", "example.net")).complete);
    clock.advance(5min);
    CHECK(claim({of_client, of_both}) == std::vector{true, false});
    CHECK_FALSE(known_of(question("192.0.2.1")).complete);
}

TEST_CASE_METHOD(FactsTest, "facts: of many sessions that claim at once exactly one wins each subject") {
    constexpr std::size_t sessions = 4, rounds = 6, size = 40;
    std::vector<FactSubject> subjects;
    for (std::size_t i = 0; i < size; ++i)
        subjects.push_back({"198.51.100." + std::to_string(i), i % 2 == 0 ? "" : "example.org"});
    std::vector<std::unique_ptr<greylist::FactStore>> all;
    for (std::size_t i = 0; i < sessions; ++i) all.push_back(open_facts(database.target(), &clock));
    for (std::size_t round = 0; round < rounds; ++round) {
        CAPTURE(round);
        std::vector<std::vector<bool>> won(sessions);
        std::atomic<int> failures = 0;
        std::barrier begin(sessions);
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < sessions; ++i)
            threads.emplace_back([&, i] {
                // In different orders, as batches have them.
                std::vector<FactSubject> order = subjects;
                if (i % 2 == 1) std::ranges::reverse(order);
                begin.arrive_and_wait();
                // The time limit of a visit may pass on a machine that does something else.
                for (int attempt = 0; attempt < 20 && won[i].empty(); ++attempt) {
                    try {
                        won[i] = all[i]->claim(order, 10s).won;
                    } catch (const greylist::StoreUnavailable&) {
                        continue;
                    } catch (const std::exception&) {
                        ++failures;
                        return;
                    }
                }
                if (i % 2 == 1) std::reverse(won[i].begin(), won[i].end());
            });
        for (std::thread& thread : threads) thread.join();
        REQUIRE(failures == 0);
        for (std::size_t subject = 0; subject < size; ++subject)
            CHECK(std::ranges::count_if(won, [&](const auto& one) { return one.at(subject); }) == 1);
        clock.advance(10s);  // so that all are claimed again
    }
    CHECK(static_cast<std::size_t>(database.rows("fact")) == size);
}

TEST_CASE_METHOD(FactsTest, "facts: of several that write what is known of a domain at once one is read") {
    constexpr std::size_t sessions = 3, rounds = 8;
    std::vector<std::unique_ptr<greylist::FactStore>> all;
    for (std::size_t i = 0; i < sessions; ++i) all.push_back(open_facts(database.target(), &clock));
    for (std::size_t round = 0; round < rounds; ++round) {
        CAPTURE(round);
        std::atomic<int> failures = 0;
        std::barrier begin(sessions);
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < sessions; ++i)
            threads.emplace_back([&, i] {
                std::vector<AddressRange> ranges;
                const std::string net = std::to_string(i + 1);
                for (std::size_t n = 0; n < 5 + i; ++n)
                    ranges.push_back(
                        range(net + ".0.0." + std::to_string(n), net + ".0.0." + std::to_string(n)));
                const std::vector<Fact> rows{{of_domain, "spf", std::to_string(ranges.size()), now + 1h},
                                             {of_client, "asked", "done", now + 1h}};
                const std::vector<DomainNetworks> networks{{"example.org", ranges, now + 1h}};
                begin.arrive_and_wait();
                for (int attempt = 0; attempt < 20; ++attempt) {
                    try {
                        return all[i]->write(rows, networks);
                    } catch (const greylist::StoreUnavailable&) {
                        continue;
                    } catch (const std::exception&) {
                        break;
                    }
                }
                ++failures;
            });
        for (std::thread& thread : threads) thread.join();
        REQUIRE(failures == 0);
        const std::vector<Fact> found = read({of_domain});
        REQUIRE(found.size() == 1);
        CHECK(std::to_string(database.rows("spf_network")) == found.front().value);
    }
}

TEST_CASE_METHOD(FactsTest, "facts: text from outside is stored and found as it is, or escaped and cut") {
    const std::string hostile = "x'\"\\%_;--\xc3\xa9\x01\xff ";
    const FactSubject subject{"192.0.2.1", "a'; drop table fact; --"};
    write({{subject, "spf", hostile, now + 1h},
           {subject, std::string(400, 's'), std::string(4000, '\xe9'), now + 1h},
           {of_client, "p0f_os", "{\"a\",NULL,\\\\}", now + 1h}});
    const std::vector<Fact> found = read({subject, of_client});
    REQUIRE(found.size() == 3);
    CHECK(found[0].value == "{\"a\",NULL,\\\\}");
    CHECK(found[1].value == greylist::storable(hostile, greylist::max_fact_value));
    CHECK(found[2].source.size() == greylist::max_fact_source);
    CHECK(found[2].value.size() <= greylist::max_fact_value);
    CHECK(claim({subject, {std::string(500, 'c'), std::string(500, 'd')}}) == std::vector{true, true});
    CHECK(claim({subject, {std::string(500, 'c'), std::string(500, 'd')}}) == std::vector{false, false});
    CHECK(known_of({{subject.client, subject.domain}, hostile}).spf == std::nullopt);
    CHECK_FALSE(known_of(question("192.0.2.1", hostile)).spf_covers);
}

TEST_CASE_METHOD(FactsTest, "facts: keys are compared byte by byte") {
    write({{{"192.0.2.1", "example.org"}, "spf", "pass", now + 1h},
           {{"192.0.2.1", "Example.org"}, "spf", "fail", now + 1h},
           {{"192.0.2.1", "ex\xc3\xa4mple.org"}, "spf", "neutral", now + 1h}});
    CHECK(database.rows("fact") == 3);
    CHECK(known_of(question("192.0.2.1", "Example.org")).spf == spf::Verdict::fail);
    CHECK(known_of(question("192.0.2.1", "ex\xc3\xa4mple.org")).spf == spf::Verdict::neutral);
}

TEST_CASE_METHOD(FactsTest,
                 "facts: a waiting letter is written under another identity, and stays the earlier") {
    greylist::Triplet under_domain = triplet();
    under_domain.src = "=example.org";
    const auto wait = [&](base::Time since) {
        const std::vector<greylist::Change> change{greylist::PutConnect{under_domain, since, now - 24h}};
        facts->remember(change);
    };
    wait(now - 5min);
    wait(now);
    CHECK(known(under_domain).connect == now - 5min);
    facts->remember({});
}

}  // namespace sqlgrey::store
