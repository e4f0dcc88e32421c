// Pools in the service: how requests of one batch affect each other, and what still counts by the client's
// own identity.
#include "service_fixture.hpp"
#include "sqlgrey/lists/list.hpp"

namespace sqlgrey::service {
namespace {

constexpr const char* deferred = "defer_if_permit Greylisted for 5 minutes";
constexpr const char* let_through = "dunno";  // by on_db_failure

struct PoolTest : ServiceTest {
    PoolTest() {
        rules.pools =
            std::make_shared<const net::PoolFinder>(net::read_pool_rules(SOURCE_DIR "/conf", "").rules);
        rules.pools_on = true;
        service = make();
    }
    static policy::Request from(const std::string& name, const std::string& address,
                                const std::string& sender = "alice@example.org",
                                const std::string& recipient = "bob@example.net") {
        policy::Request one = request(sender, recipient);
        one.set("client_name", name);
        one.set("client_address", address);
        return one;
    }
    std::string ask_from(const std::string& name, const std::string& address,
                         const std::string& sender = "alice@example.org",
                         const std::string& recipient = "bob@example.net") {
        return ask(from(name, address, sender, recipient));
    }
    std::vector<std::string> sources_of_connect() const {
        std::vector<std::string> sources;
        for (const auto& [key, first_seen] : store->connect) sources.push_back(key[0]);
        return sources;
    }
    void use(const Rules& others) {
        rules = others;
        service = make();
    }
};

}  // namespace

TEST_CASE_METHOD(PoolTest, "a decision by a row under another identity is void if that row is not written") {
    SECTION("an early retry by that row") {
        store->locked_sources.insert("192.0.2.7");
        CHECK(ask({from("unknown", "192.0.2.7"), from("mx.sender.example", "192.0.2.7")}) ==
              std::vector<std::string>{let_through, let_through});
    }
    SECTION("but not a decision by another row") {
        store->locked_sources.insert("192.0.2.7");
        CHECK(ask({from("unknown", "192.0.2.7"), from("mx.sender.example", "192.0.2.7", "b@example.org"),
                   from("mx.sender.example", "198.51.100.7")}) ==
              std::vector<std::string>{let_through, deferred, deferred});
    }
    SECTION("and a decision that depends on it") {
        store->locked_sources.insert("192.0.2.7");
        CHECK(ask({from("unknown", "192.0.2.7"), from("mx.sender.example", "192.0.2.7"),
                   from("unknown", "192.0.2.7")}) ==
              std::vector<std::string>{let_through, let_through, let_through});
    }
}

TEST_CASE_METHOD(PoolTest, "a sender is not known by a row that is not written") {
    ask_from("unknown", "192.0.2.7");
    clock.advance(301s);
    store->locked_sources.insert("192.0.2.7");
    CHECK(ask({from("unknown", "192.0.2.7"),
               from("mx.sender.example", "192.0.2.7", "alice@example.org", "else@example.net")}) ==
          std::vector<std::string>{let_through, let_through});
}

TEST_CASE_METHOD(PoolTest, "a network that has become a pool's counts in the same batch") {
    ask_from("mx.sender.example", "198.51.100.7");
    clock.advance(301s);
    const auto replies =
        ask({from("mx.sender.example", "192.0.2.7", "other@example.org"), from("unknown", "192.0.2.8")});
    CHECK(replies[0] == deferred);
    CHECK(replies[1].starts_with("PREPEND"));
}

TEST_CASE_METHOD(
    PoolTest, "a network with servers of two organisations belongs to neither, within the same batch too") {
    ask_from("mx.one.example", "192.0.2.7");
    clock.advance(301s);
    CHECK(ask({from("mx.two.example", "192.0.2.8", "other@example.org"), from("unknown", "192.0.2.9")}) ==
          std::vector<std::string>{deferred, deferred});
}

// -- what counts by the client's own identity --------------------------------------------------------

TEST_CASE_METHOD(PoolTest, "an auto-whitelisted client does not let the others of its pool pass") {
    rules.policy.auto_whitelist_clients = 2;
    use(rules);
    for (const char* sender : {"a@one.example", "b@two.example"}) {
        ask_from("mx1.provider.example", "192.0.2.7", sender);
        clock.advance(2h);
        CHECK(ask_from("mx1.provider.example", "192.0.2.7", sender).starts_with("PREPEND"));
    }
    CHECK(store->client_awl.size() == 1);
    CHECK(store->client_awl.contains("192.0.2"));
    CHECK(ask_from("mx1.provider.example", "192.0.2.8", "new@third.example").starts_with("PREPEND"));
    CHECK(ask_from("mx2.provider.example", "198.51.100.7", "new@third.example") == deferred);
}

TEST_CASE_METHOD(PoolTest, "a client of a pool is throttled by its own waiting triplets only") {
    rules.policy.connect_src_throttle = 2;
    use(rules);
    CHECK(ask_from("mx1.provider.example", "192.0.2.7", "a@one.example") == deferred);
    CHECK(ask_from("mx1.provider.example", "192.0.2.7", "a@two.example") == deferred);
    const std::string throttled =
        "defer_if_permit Throttling too many connections from new source -  Try again later.";
    CHECK(ask_from("mx1.provider.example", "192.0.2.7", "a@three.example") == throttled);
    CHECK(ask_from("mx2.provider.example", "192.0.2.8", "a@three.example") == throttled);
    CHECK(ask_from("mx9.provider.example", "198.51.100.7", "a@three.example") == deferred);
    CHECK(ask({from("mx9.provider.example", "203.0.113.7", "a@four.example"),
               from("mx9.provider.example", "203.0.113.7", "a@five.example"),
               from("mx9.provider.example", "203.0.113.7", "a@six.example")}) ==
          std::vector<std::string>{deferred, deferred, throttled});
    clock.advance(301s);
    // A waiting triplet passes, from another address too, and its rows go.
    CHECK(ask_from("mx9.provider.example", "198.51.100.7", "a@one.example").starts_with("PREPEND"));
    CHECK(ask_from("mx1.provider.example", "192.0.2.7", "a@two.example").starts_with("PREPEND"));
    for (const auto& [key, first_seen] : store->connect)
        CHECK_FALSE((key[0] == "192.0.2" && key[1] == "two.example"));
    CHECK_FALSE(store->connect.contains({"@provider.example", "one.example", "a", "bob@example.net"}));
}

TEST_CASE_METHOD(PoolTest,
                 "an unknown sender costs two lookups, whatever is counted, a known one costs one") {
    rules.policy.connect_src_throttle = GENERATE(0, 5);
    rules.policy.auto_whitelist_clients = GENERATE(0, 5);
    use(rules);
    store->visits = 0;
    CHECK(ask_from("mx1.provider.example", "192.0.2.7") == deferred);
    CHECK(store->visits == 3);  // the third writes
    clock.advance(301s);
    CHECK(ask_from("mx1.provider.example", "192.0.2.7").starts_with("PREPEND"));
    store->visits = 0;
    CHECK(ask_from("mx1.provider.example", "192.0.2.7").starts_with("PREPEND"));
    CHECK(store->visits == 1);  // nothing to write within a minute
}

TEST_CASE_METHOD(PoolTest, "without connect_src_throttle a letter has one row") {
    ask_from("mx1.provider.example", "192.0.2.7");
    CHECK(sources_of_connect() == std::vector<std::string>{"@provider.example"});
}

TEST_CASE_METHOD(PoolTest, "a blacklist refuses the client in its entry, not its pool") {
    lists::ListBuilder builder(lists::ListName::blacklist_clients, "/black");
    builder.add("192.0.2.7", 1);
    lists = std::make_shared<const lists::Lists>(std::vector{std::move(builder).build().list});
    CHECK(ask_from("mx1.provider.example", "192.0.2.7").starts_with("554"));
    CHECK(ask_from("mx2.provider.example", "192.0.2.8") == deferred);
    CHECK(ask_from("mx3.provider.example", "198.51.100.7") == deferred);
}

// -- retries without proof -----------------------------------------------------------------------------

// A bot repeats a letter that an account of the provider sent first.
TEST_CASE_METHOD(PoolTest, "a bot that repeats a provider's letter gains nothing, whatever its name") {
    rules.policy.pool_unproven_retries = GENERATE(0, 1, 3);
    use(rules);
    CHECK(ask_from("mail-wr1-f41.google.com", "209.85.221.41", "real@gmail.com") == deferred);
    clock.advance(301s);
    for (const auto& [name, address] : {std::pair{"unknown", "203.0.113.9"},
                                        {"google.com.evil.example", "203.0.113.10"},
                                        {"c-198-51-100-4.google.com", "198.51.100.4"},
                                        {"com", "198.51.100.5"},
                                        {"dsl-5.google.com", "198.51.101.5"}}) {
        CHECK_FALSE(ask_from(name, address, "real@gmail.com").find("delayed") != std::string::npos);
        CHECK_FALSE(ask_from(name, address, "real@gmail.com").find("whitelisted") != std::string::npos);
    }
    CHECK(ask_from("mail-lf1-f12.google.com", "209.85.167.12", "real@gmail.com").starts_with("PREPEND"));
    CHECK(ask_from("unknown", "203.0.113.9", "real@gmail.com", "other@example.net") == deferred);
    for (const auto& [network, pool] : store->pool)
        CHECK_FALSE((pool.first == "@google.com" && !network.starts_with("209.85.")));
    for (const auto& [key, seen] : store->from_awl) CHECK(key[0] == "@google.com");
}

TEST_CASE_METHOD(
    PoolTest,
    "a letter without proof passes at its n-th retry from another network, alone and without a row") {
    rules.policy.pool_unproven_retries = 2;
    use(rules);
    const char* letter = "a@one.example";
    CHECK(ask_from("unknown", "192.0.2.1", letter) == deferred);
    CHECK(ask_from("unknown", "198.51.100.1", letter) == deferred);  // before reconnect_delay
    clock.advance(301s);
    CHECK(ask_from("unknown", "203.0.113.1", letter) == deferred);  // the first network
    CHECK(ask_from("unknown", "203.0.113.2", letter) == deferred);  // the same network
    CHECK(ask_from("unknown", "203.0.113.3", letter) == deferred);
    CHECK(ask_from("unknown", "203.1.113.1", "b@one.example") == deferred);  // another letter
    CHECK(ask_from("dsl-203-2-113-1.example.com", "203.2.113.1", letter) ==
          "PREPEND X-Greylist: delayed 00:05:01 by SQLgrey-2.0.0");
    CHECK(ask_from("unknown", "203.3.113.1", letter).starts_with("PREPEND"));
    CHECK(ask_from("unknown", "203.4.113.1", letter, "other@example.net") == deferred);
    CHECK(store->from_awl.empty());
    CHECK(store->domain_awl.empty());
    CHECK(store->client_awl.empty());
    CHECK(store->pool.empty());
    clock.advance(25h);
    CHECK(ask_from("unknown", "203.5.113.1", letter) == deferred);
}

TEST_CASE_METHOD(PoolTest, "a letter without proof leaves few rows, however many networks send it") {
    rules.policy.pool_unproven_retries = 2;
    use(rules);
    ask_from("unknown", "192.0.2.1");
    clock.advance(301s);
    for (int i = 0; i < 200; ++i) ask_from("unknown", "10.1." + std::to_string(i) + ".1");
    CHECK(std::ranges::count(sources_of_connect(), "*") == 3);
}

TEST_CASE_METHOD(PoolTest, "retries of bounces and of members of pools are not counted") {
    rules.policy.pool_unproven_retries = 1;
    use(rules);
    CHECK(ask_from("unknown", "192.0.2.1", "") == deferred);
    ask_from("mx.one.example", "192.0.2.2");
    clock.advance(301s);
    CHECK(ask_from("unknown", "198.51.100.1", "") == deferred);
    CHECK(ask_from("mx.two.example", "198.51.100.2") == deferred);
    CHECK(ask_from("mx.three.example", "203.0.113.2") == deferred);
    CHECK(std::ranges::count(sources_of_connect(), "*") == 0);
}

TEST_CASE_METHOD(PoolTest, "retries without proof count within a batch, but only if their rows are written") {
    rules.policy.pool_unproven_retries = 2;
    use(rules);
    ask_from("unknown", "192.0.2.1");
    clock.advance(301s);
    const std::vector batch{from("unknown", "198.51.100.1"), from("unknown", "203.0.113.1")};
    SECTION("they are written") {
        const auto replies = ask(batch);
        CHECK(replies[0] == deferred);
        CHECK(replies[1].starts_with("PREPEND"));
    }
    SECTION("they are not") {
        store->locked_sources.insert("*");
        CHECK(ask(batch) == std::vector<std::string>{let_through, let_through});
    }
}

TEST_CASE_METHOD(PoolTest, "requests that count for an organisation are counted by what showed it") {
    rules.policy.pool_unproven_retries = 1;
    use(rules);
    const auto joins = [&](PoolEvidence evidence) {
        return counters.pool_joins[static_cast<std::size_t>(evidence)].value();
    };
    ask_from("unknown", "203.0.113.1", "x@other.example");
    CHECK(joins(PoolEvidence::name) == 0);
    ask_from("mx.sender.example", "192.0.2.7");
    CHECK(joins(PoolEvidence::name) == 1);
    ask_from("unknown", "192.0.2.8");  // in the same network
    CHECK(joins(PoolEvidence::network) == 1);
    clock.advance(301s);
    CHECK(ask_from("unknown", "198.51.100.1", "x@other.example").starts_with("PREPEND"));
    CHECK(joins(PoolEvidence::name) == 1);
    CHECK(joins(PoolEvidence::network) == 1);
    CHECK(joins(PoolEvidence::retries) == 1);
}

}  // namespace sqlgrey::service
