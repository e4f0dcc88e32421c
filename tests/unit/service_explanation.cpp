// explain(): the same decisions as the service, and how they came about.
#include "service_fixture.hpp"
#include "sqlgrey/greylist/deferral_id.hpp"
#include "sqlgrey/service/explanation.hpp"

namespace sqlgrey::service {
namespace {

struct ExplanationTest : ServiceTest {
    Explanation page(const policy::Request& asked = request()) {
        return explain(asked, *lists, rules, *store);
    }
    const greylist::RuleReport& report(const Explanation& found, std::string_view rule) {
        return *std::ranges::find(found.rules, rule, &greylist::RuleReport::rule);
    }
    static std::shared_ptr<const lists::Lists> list_of(lists::ListName name, std::string_view entry) {
        lists::ListBuilder builder(name, "some file");
        builder.add(entry, 7);
        return std::make_shared<const lists::Lists>(std::vector{std::move(builder).build().list});
    }
};

}  // namespace

TEST_CASE_METHOD(ExplanationTest, "an attempt that is only asked about leaves no row") {
    const Explanation found = page();
    CHECK(found.outcome.verdict == greylist::Verdict::first_attempt);
    CHECK(found.retry_passes_at == clock.now() + 301s);
    CHECK(found.outcome.id.empty());
    CHECK(store->connect.empty());
    CHECK(log_lines.empty());
}

TEST_CASE_METHOD(ExplanationTest, "a waiting triplet passes at the time given, not a second earlier") {
    ask(request());
    clock.advance(100s);
    const Explanation found = page();
    CHECK(found.outcome.verdict == greylist::Verdict::early_reconnect);
    CHECK(found.outcome.id == greylist::deferral_id(found.triplet, clock.now() - 100s));
    CHECK(policy::access_line(found.reply) == "defer_if_permit Greylisted for 5 minutes");
    clock.advance(*found.retry_passes_at - clock.now() - 1s);
    CHECK(page().outcome.verdict == greylist::Verdict::early_reconnect);
    clock.advance(1s);
    CHECK(page().outcome.verdict == greylist::Verdict::reconnect_ok);
    CHECK(ask(request()).starts_with("PREPEND X-Greylist: delayed"));
    CHECK(page().outcome.verdict == greylist::Verdict::from_awl);
}

TEST_CASE_METHOD(ExplanationTest, "every rule shows what it compared, and the deciding one is named") {
    ask(request());
    const Explanation found = page();
    CHECK(found.rules.front().rule == "opt_method");
    CHECK(found.outcome.rule == "early_reconnect");
    const auto& saw = report(found, "early_reconnect").saw;
    CHECK(std::ranges::count(saw, greylist::Observation{"first_seen", base::epoch(clock.now())}) == 1);
    CHECK(found.facts->known.front().connect == clock.now());
}

TEST_CASE_METHOD(ExplanationTest, "the identity says how it was found") {
    CHECK(page().src == "192.0.2.25");
    CHECK(page().src_reason == net::reason(net::IdentityBasis::no_name));
    rules.identity.method = net::GreyMethod::classc;
    CHECK(page().src == "192.0.2");
    CHECK(page().src_reason == net::reason(net::IdentityBasis::method));
}

TEST_CASE_METHOD(ExplanationTest, "where a list decides, the database is not asked") {
    lists = list_of(lists::ListName::blacklist_senders, "example.org");
    const Explanation found = page();
    CHECK(found.outcome.verdict == greylist::Verdict::blacklisted);
    CHECK(found.outcome.entry->line == 7);
    CHECK_FALSE(found.facts.has_value());
    CHECK(found.rules.empty());
    CHECK(store->visits == 0);
}

TEST_CASE_METHOD(ExplanationTest, "a request without an address is explained too") {
    policy::Request asked = request();
    asked.set("client_address", "nowhere");
    CHECK(page(asked).outcome.verdict == greylist::Verdict::unusable);
    CHECK(page(asked).lists.empty());
}

TEST_CASE_METHOD(ExplanationTest, "a row of connect is explained as its mail would be") {
    ask(request("bounce-123@example.org"));
    const greylist::Triplet row{"192.0.2.25", "example.org", "bounce-123", {}, "bob@example.net"};
    const Explanation by_row = explain(row, rules, *store);
    const Explanation by_mail = page(request("bounce-123@example.org"));
    CHECK(by_row.outcome.verdict == greylist::Verdict::early_reconnect);
    CHECK(by_row.outcome.id == by_mail.outcome.id);
    CHECK(by_row.triplet.deverped == by_mail.triplet.deverped);
    CHECK(by_row.lists.empty());
}

TEST_CASE_METHOD(ExplanationTest, "rows of hashes are found by hashing") {
    rules.privacy = base::KeyedHash{"a key that is long enough"};
    service = make();
    ask(request());
    const Explanation found = page();
    CHECK(found.outcome.verdict == greylist::Verdict::early_reconnect);
    CHECK(found.src == "192.0.2.25");
    CHECK(found.triplet.src.size() == 32);
    CHECK(explain(found.triplet, rules, *store).outcome.id == found.outcome.id);
}

// -- pools ------------------------------------------------------------------------------------------------

struct PoolExplanationTest : ExplanationTest {
    PoolExplanationTest() {
        rules.pools =
            std::make_shared<const net::PoolFinder>(net::read_pool_rules(SOURCE_DIR "/conf", "").rules);
        rules.pools_on = true;
        service = make();
    }
    static policy::Request from(const std::string& name, const std::string& address = "192.0.2.25") {
        policy::Request one = request();
        one.set("client_name", name);
        one.set("client_address", address);
        return one;
    }
};

TEST_CASE_METHOD(PoolExplanationTest, "each reason why a client is in a pool, or in none") {
    struct Case {
        const char* name;
        const char* src;
        std::string reason;
    };
    const std::string by_name = std::string{net::reason(net::IdentityBasis::ordinary_name)},
                      by_address = std::string{net::reason(net::IdentityBasis::address_in_name)},
                      by_last_octet = std::string{net::reason(net::IdentityBasis::no_name)};
    const std::vector<Case> cases{
        {"mail-wr1-f41.google.com", "@google.com", "its verified name is the organisation's"},
        {"unknown", "192.0.2.25", by_last_octet + "; in no pool: it has no verified name"},
        {"github.io", "192.0.2", by_name + "; in no pool: its name is a public suffix"},
        {"a192-0-2-x.example.com", "192.0.2", by_name + "; in no pool: its name contains its address"},
        {"vps-47110.provider.net", "192.0.2",
         by_name + "; in no pool: its name is one of pool_customers.regexp"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.name);
        const Explanation found = page(from(one.name));
        CHECK(found.src == one.src);
        CHECK(found.src_reason == one.reason);
    }
}

TEST_CASE_METHOD(PoolExplanationTest, "a crowd, and a network in which one of a pool was seen") {
    store->shared_pools.crowds = {"@access.example"};
    const Explanation crowd = page(from("mx.access.example"));
    CHECK(crowd.src == "192.0.2");
    CHECK_THAT(crowd.src_reason, Catch::EndsWith("; in no pool: the clients of access.example are a crowd"));
    ask(from("mx.sender.example", "198.51.100.7"));
    const Explanation by_network = page(from("unknown", "198.51.100.8"));
    CHECK(by_network.src == "@sender.example");
    CHECK(by_network.src_reason == "it has no verified name, but one of the pool's was seen in its network");
}

}  // namespace sqlgrey::service
