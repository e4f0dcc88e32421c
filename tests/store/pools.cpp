// Pools: lookups of strangers under their other identities, the networks of pools, and the counts of
// organisations.
#include "sqlgrey/greylist/identities.hpp"
#include "sqlgrey/store/cleaning.hpp"
#include "store_fixture.hpp"

namespace sqlgrey::store {
namespace {

using namespace std::chrono_literals;

greylist::Triplet under(const std::string& src) {
    greylist::Triplet t = triplet();
    t.src = src;
    return t;
}

greylist::Change in_network(const std::string& pool, const std::string& network, base::Time when = now) {
    return greylist::RememberPool{pool, network, "mx.example.com", when};
}

greylist::FoundElsewhere elsewhere(greylist::Store& store, const std::string& src,
                                   const std::string& network) {
    const greylist::Elsewhere asked{under(src), network};
    return store.look_up_elsewhere(std::span(&asked, 1), {}).at(0);
}

}  // namespace

TEST_CASE_METHOD(StoreTest, "rows under another identity are found") {
    remember({first_attempt(under("192.0.2")),
              greylist::PutFromAwl{"198.51.100", "example.org", "alice", now - 9h, now},
              greylist::PutDomainAwl{"203.0.113", "example.org", now - 9h, now}});
    CHECK(elsewhere(*store, "192.0.2", "").known.connect == now);
    CHECK(elsewhere(*store, "198.51.100", "").known.from_awl == greylist::Seen{now - 9h, now});
    CHECK(elsewhere(*store, "203.0.113", "").known.domain_awl == greylist::Seen{now - 9h, now});
    const auto nothing = elsewhere(*store, "192.0.9", "192.0.9");
    CHECK(nothing.known == greylist::Known{});
    CHECK(nothing.pool.empty());
    CHECK_FALSE(nothing.remembered);
}

TEST_CASE_METHOD(StoreTest, "the rows and retries of an identity are counted where that is asked") {
    greylist::Policy counting;
    counting.connect_src_throttle = 5;
    counting.auto_whitelist_clients = 5;
    remember({first_attempt(under("192.0.2")), greylist::CountRetry{"192.0.2", now, now - 1h}});
    greylist::Elsewhere asked[] = {{under("192.0.2"), ""}, {under("192.0.2"), ""}};
    asked[1].triplet.count_client = false;
    const auto found = store->look_up_elsewhere(asked, counting);
    CHECK(found.at(0).known.src_connect == 1);
    CHECK(found.at(0).known.client_awl.value_or(greylist::RetryCount{}).count == 1);
    CHECK(found.at(1).known.connect == now);
    CHECK(found.at(1).known.src_connect == 0);
    CHECK_FALSE(found.at(1).known.client_awl);
    const greylist::Known known =
        store->look_up({{asked[0].triplet, asked[1].triplet}}, counting).known.at(1);
    CHECK(known.connect == now);
    CHECK(known.src_connect == 0);
    CHECK_FALSE(known.client_awl);
}

TEST_CASE_METHOD(StoreTest, "where no identity is asked, that of the network's pool is") {
    remember({in_network("@example.com", "192.0.2"), first_attempt(under("@example.com")),
              greylist::PutFromAwl{"@example.com", "example.org", "bert", now - 9h, now},
              greylist::PutFromAwl{"192.0.2", "example.org", "carol", now - 10h, now}});
    const auto found = elsewhere(*store, "", "192.0.2");
    CHECK(found.pool == "@example.com");
    CHECK(found.remembered == now);
    CHECK(found.known.connect == now);
    CHECK(found.known.senders_known == 1);
    CHECK(found.known.oldest_sender == now - 9h);
    CHECK_FALSE(elsewhere(*store, "", "192.0.3").known.connect);
}

TEST_CASE_METHOD(StoreTest, "a list of questions is answered in its order") {
    std::vector<greylist::Elsewhere> asked;
    std::vector<greylist::Change> changes;
    for (int i = 0; i < 100; ++i) {
        const std::string pool = "@d" + std::to_string(i) + ".example";
        if (i % 2) changes.push_back(in_network(pool, std::to_string(i)));
        asked.push_back({under(""), std::to_string(i)});
    }
    remember(changes);
    const auto found = store->look_up_elsewhere(asked, {});
    REQUIRE(found.size() == asked.size());
    for (std::size_t i = 0; i < found.size(); ++i)
        CHECK(found[i].pool == (i % 2 ? "@d" + std::to_string(i) + ".example" : ""));
}

TEST_CASE_METHOD(StoreTest, "the networks that a letter came from are found, and those of no other letter") {
    greylist::Triplet other = under("192.0.2");
    other.rcpt = "else@example.net";
    remember({first_attempt(row_of_letter(under("192.0.2"), "192.0.2"), now - 1h),
              first_attempt(row_of_letter(under("192.0.2"), "198.51.100")),
              first_attempt(row_of_letter(other, "203.0.113"))});
    const auto ask = [&](const greylist::Triplet& letter, bool letters) {
        const std::string name = letters ? row_of_letter(letter, {}).sender_name : std::string{};
        const greylist::Elsewhere asked[] = {{under("192.0.2"), "", ""}, {letter, "203.0.113", name}};
        auto networks = store->look_up_elsewhere(asked, {}).at(1).of_letter;
        std::ranges::sort(networks, {}, &greylist::FoundElsewhere::Network::network);
        return networks;
    };
    const auto networks = ask(under("192.0.2"), true);
    REQUIRE(networks.size() == 2);
    CHECK((networks[0].network == "192.0.2" && networks[0].first_seen == now - 1h));
    CHECK((networks[1].network == "198.51.100" && networks[1].first_seen == now));
    CHECK(ask(other, true).size() == 1);
    CHECK(ask(under("192.0.2"), false).empty());
}

TEST_CASE_METHOD(StoreTest, "a network of two organisations is that of none, until a week after") {
    remember({in_network("@one.example", "192.0.2")});
    remember({in_network("@one.example", "192.0.2", now + 24h)});
    CHECK(elsewhere(*store, "", "192.0.2").pool == "@one.example");
    remember({in_network("@two.example", "192.0.2", now + 48h)});
    CHECK(elsewhere(*store, "", "192.0.2").pool.empty());
    CHECK(elsewhere(*store, "", "192.0.2").remembered == now + 48h);
    remember({in_network("@two.example", "192.0.2", now + 72h)});
    CHECK(elsewhere(*store, "", "192.0.2").pool.empty());
    remember({in_network("@two.example", "192.0.2", now + 72h + 8 * 24h)});
    CHECK(elsewhere(*store, "", "192.0.2").pool == "@two.example");
    remember({in_network("@one.example", "198.51.100"), in_network("@two.example", "198.51.100")});
    CHECK(elsewhere(*store, "", "198.51.100").pool.empty());
}

struct PoolCleaning : StoreTest {
    std::unique_ptr<greylist::Cleaning> cleaning = open_cleaning(database.target(), &clock);
};

TEST_CASE_METHOD(PoolCleaning, "networks of pools expire with the auto-whitelists") {
    remember({in_network("@one.example", "192.0.2"), in_network("@two.example", "198.51.100", now + 2h)});
    clock.advance(policy.awl_age + 1h);
    CHECK(cleaning->expire(greylist::AwlTable::pool, policy.awl_age) == 1);
    CHECK(cleaning->expire(greylist::AwlTable::pool, policy.awl_age) == 0);
}

TEST_CASE_METHOD(PoolCleaning,
                 "what is counted of organisations is kept, and crowds are told to the workers") {
    CHECK(cleaning->counted_pools().empty());
    const std::vector<greylist::CountedPool> counted{{"@a.example", {25, 2, now}, true},
                                                     {"@b.example", {3, 400, now - 9h}, false}};
    cleaning->put_counted_pools(counted);
    CHECK(cleaning->counted_pools() == counted);
    CHECK(store->pools(true).crowds == std::set<std::string, std::less<>>{"@a.example"});
    cleaning->put_counted_pools(std::vector<greylist::CountedPool>{{"@a.example", {0, 2, now}, false}});
    CHECK(cleaning->counted_pools() == std::vector{counted[1]});
}

TEST_CASE_METHOD(PoolCleaning, "the rows of a pool in the auto-whitelists came back") {
    remember({greylist::PutFromAwl{"@a.example", "one.example", "alice", now, now},
              greylist::PutFromAwl{"@a.example", "two.example", "alice", now, now},
              greylist::PutFromAwl{"192.0.2", "two.example", "alice", now, now},
              greylist::PutDomainAwl{"@a.example", "three.example", now, now}});
    CHECK(cleaning->came_back("@a.example") == 3);
    CHECK(cleaning->came_back("@b.example") == 0);
}

TEST_CASE_METHOD(StoreTest, "pools are on where a network is remembered") {
    CHECK_FALSE(store->pools(true).are_remembered);
    remember({in_network("@one.example", "192.0.2")});
    CHECK(open_store(database.target(), &clock)->pools(true).are_remembered);
}

}  // namespace sqlgrey::store
