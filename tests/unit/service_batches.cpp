// What requests of one batch change for those behind them. Each case ends in the same way if they are asked
// one by one.
#include "service_fixture.hpp"
#include "sqlgrey/lists/list.hpp"

namespace sqlgrey::service {
namespace {

using Rows = std::map<test::MemoryStore::Key, greylist::Seen>;

struct Batches : ServiceTest {
    bool together = GENERATE(true, false);

    void use(const std::function<void(Rules&)>& change) {
        change(rules);
        service = make();
    }
    void with_pools() {
        use([](Rules& some) {
            some.pools = std::make_shared<const net::PoolFinder>(net::PoolRules{});
            some.pools_on = true;
        });
    }
    void with_spf_identity(const std::vector<std::string>& covered) {
        use([](Rules& some) { some.enrich = some.policy.spf_identity = true; });
        for (const std::string& client : covered)
            store->client_facts[{client, "example.org"}].spf_covers = true;
    }
    std::vector<std::string> ask_all(const std::vector<policy::Request>& batch) {
        if (together) return ask(batch);
        std::vector<std::string> replies;
        for (const policy::Request& one : batch) replies.push_back(ask(one));
        return replies;
    }
    static policy::Request from(const std::string& client, const std::string& name, const std::string& sender,
                                const std::string& instance = "") {
        policy::Request one = request(sender, "bob@example.net", instance);
        one.set("client_address", client);
        one.set("client_name", name);
        return one;
    }
    void waits(const std::string& src, const std::string& name, base::Seconds since = 400s) {
        store->connect[{src, "example.org", name, "bob@example.net"}] = clock.now() - since;
    }
    void is_known(const std::string& src, const std::string& name, base::Seconds first, base::Seconds last) {
        store->from_awl[{src, "example.org", name}] = {clock.now() - first, clock.now() - last};
    }
    Rows domain(const std::string& src, base::Seconds first) const {
        return {{{src, "example.org"}, {clock.now() - first, clock.now()}}};
    }
};

}  // namespace

TEST_CASE_METHOD(Batches, "senders are counted for a client whose pool only its network shows") {
    with_pools();
    store->pool["192.0.2"] = {"@example.com", clock.now() - 400s};
    waits("@example.com", "alice");
    waits("@example.com", "bert", 500s);
    ask_all({from("198.51.100.9", "c.example.com", "alice@example.org"),
             from("192.0.2.26", "unknown", "bert@example.org")});
    CHECK(store->domain_awl == domain("@example.com", 500s));
    CHECK(store->from_awl.empty());
}

TEST_CASE_METHOD(Batches, "senders are counted for a triplet that waits under the identity of its domain") {
    with_spf_identity({"192.0.2.25"});
    waits("192.0.2.25", "alice");
    waits("=example.org", "bert", 500s);
    ask_all({from("192.0.2.25", "unknown", "alice@example.org"),
             from("192.0.2.25", "unknown", "bert@example.org")});
    CHECK(store->domain_awl == domain("192.0.2.25", 500s));
}

TEST_CASE_METHOD(Batches, "a sender whose row has expired counts since its new first attempt") {
    use([](Rules& some) { some.policy.group_domain_level = 3; });
    is_known("192.0.2.25", "alice", 2400h, 2000h);
    waits("192.0.2.25", "alice");
    waits("192.0.2.25", "bert", 600s);
    waits("192.0.2.25", "carol", 500s);
    const auto replies = ask_all({request("alice@example.org"), request("bert@example.org"),
                                  request("carol@example.org"), request("alice@example.org")});
    CHECK(replies.at(3) == "PREPEND X-Greylist: domain auto-whitelisted by SQLgrey-2.0.0");
    CHECK(store->domain_awl == domain("192.0.2.25", 600s));
    CHECK(store->from_awl.empty());
}

TEST_CASE_METHOD(Batches, "a sender that a batch has made known is not looked up under other identities") {
    with_pools();
    store->pool["192.0.2"] = {"", clock.now() - 3h};
    waits("192.0.2.27", "bounce-1", 1400s);
    waits("192.0.2.27", "alice");
    const auto replies = ask_all({from("192.0.2.27", "mx.else.example", "bounce-1@example.org"),
                                  from("192.0.2.27", "unknown", "alice@example.org"),
                                  from("192.0.2.27", "mx.else.example", "bounce-22@example.org")});
    CHECK(replies.at(2) == "PREPEND X-Greylist: from auto-whitelisted by SQLgrey-2.0.0");
    CHECK(store->domain_awl == domain("192.0.2.27", 1400s));
}

TEST_CASE_METHOD(Batches, "a message passes with a recipient that waits for a second lookup") {
    use([](Rules& some) {
        some.policy.connect_src_throttle = 1;
        some.policy.group_domain_level = 0;
    });
    is_known("192.0.2", "alice", 2h, 1h);
    waits("192.0.2", "bert");
    const auto replies = ask_all({from("192.0.2.26", "b.example.com", "bert@example.org"),
                                  from("192.0.2.25", "a.example.com", "alice@example.org", "m1"),
                                  from("192.0.2.25", "unknown", "alice@example.org", "m1")});
    CHECK(replies.at(2) == "dunno");
}

TEST_CASE_METHOD(Batches, "what p0f says does not count for a sender that a batch has made known") {
    with_spf_identity({});
    lists::ListBuilder entries = lists::ListBuilder::of_rows(lists::ListName::blacklist_clients);
    entries.add("p0f_os:Windows*", 1);
    lists = std::make_shared<const lists::Lists>(std::vector{std::move(entries).build().list});
    store->client_facts[{"192.0.2.26", "example.org"}].p0f_os = "Windows XP";
    waits("192.0.2", "alice");
    std::string of_second = "PREPEND X-Greylist: from auto-whitelisted by SQLgrey-2.0.0";
    SECTION("nor if it waits for a second lookup") {
        use([](Rules& some) { some.policy.connect_src_throttle = 1; });
    }
    SECTION("but for one that is still unknown") {
        use([](Rules& some) { some.policy.reconnect_delay = 1h; });
        of_second = "554 5.7.1 Mail from here is not accepted";
    }
    SECTION("nothing else") {
    }
    const auto replies = ask_all({from("192.0.2.25", "a.example.com", "alice@example.org"),
                                  from("192.0.2.26", "b.example.com", "alice@example.org")});
    CHECK(replies.at(1) == of_second);
}

TEST_CASE_METHOD(Batches, "a retry that is noted already writes nothing, and no pool of its network") {
    with_pools();
    use([](Rules& some) { some.policy.retry_count = 3; });
    waits("@example.com", "alice");
    ask_all({from("198.51.100.9", "c.example.com", "alice@example.org"),
             from("192.0.2.26", "b.example.com", "alice@example.org")});
    CHECK(store->pool.size() == 1);
    CHECK(store->connect.size() == 2);
}

}  // namespace sqlgrey::service
