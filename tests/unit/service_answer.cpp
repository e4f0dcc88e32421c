// The texts of replies and log lines (src/greylist/README.md sections 3 and 10), and batches.
#include "service_fixture.hpp"

namespace sqlgrey::service {

TEST_CASE_METHOD(ServiceTest, "a sender is deferred, deferred again when early, and passes after the delay") {
    CHECK(ask(request()) == "defer_if_permit Greylisted for 5 minutes");
    clock.advance(100s);
    CHECK(ask(request()) == "defer_if_permit Greylisted for 5 minutes");
    clock.advance(300s);
    CHECK(ask(request()) == "PREPEND X-Greylist: delayed 00:06:40 by SQLgrey-2.0.0");
    CHECK(ask(request()) == "PREPEND X-Greylist: from auto-whitelisted by SQLgrey-2.0.0");
    CHECK(log_lines ==
          std::vector<std::string>{
              "grey: new: 192.0.2.25(192.0.2.25), alice@example.org -> bob@example.net",
              "grey: early reconnect: 192.0.2.25(192.0.2.25), alice@example.org -> bob@example.net",
              "grey: reconnect ok: 192.0.2.25(192.0.2.25), alice@example.org -> bob@example.net (00:06:40)",
              "grey: from awl: 192.0.2.25, alice@example.org added",
              "grey: from awl match: updating 192.0.2.25(192.0.2.25), alice@example.org(alice@example.org)"});
}

TEST_CASE_METHOD(ServiceTest, "with reply_id the reply and the log line of a deferral end in its id") {
    rules.reply_id = true;
    service = make();
    const std::string first = ask(request());
    clock.advance(100s);
    CHECK(ask(request()) == first);
    const std::string id = first.substr(first.size() - 9, 8);
    CHECK(first == "defer_if_permit Greylisted for 5 minutes (id " + id + ")");
    for (const std::string what : {"new", "early reconnect"})
        CHECK(logged("grey: " + what + ": 192.0.2.25(192.0.2.25), alice@example.org -> bob@example.net (id " +
                     id + ")"));
    clock.advance(300s);
    CHECK(ask(request()) == "PREPEND X-Greylist: delayed 00:06:40 by SQLgrey-2.0.0");
    CHECK(logged(
        "grey: reconnect ok: 192.0.2.25(192.0.2.25), alice@example.org -> bob@example.net (00:06:40)"));
}

TEST_CASE_METHOD(ServiceTest, "a second sender of a domain promotes the domain") {
    ask({request("alice@example.org"), request("bert@example.org")});
    clock.advance(301s);
    CHECK(ask({request("alice@example.org"), request("bert@example.org"), request("carl@example.org")}) ==
          std::vector<std::string>{"PREPEND X-Greylist: delayed 00:05:01 by SQLgrey-2.0.0",
                                   "PREPEND X-Greylist: delayed 00:05:01 by SQLgrey-2.0.0",
                                   "PREPEND X-Greylist: domain auto-whitelisted by SQLgrey-2.0.0"});
    CHECK(logged("grey: domain awl: 192.0.2.25, example.org added"));
    CHECK(logged("grey: domain awl match: updating 192.0.2.25(192.0.2.25), example.org"));
    CHECK(store->from_awl.empty());
    CHECK(store->connect.empty());
}

TEST_CASE_METHOD(ServiceTest, "mail that is expected passes, and is logged as such") {
    store->expectations[{"bob@example.net", "example.org"}] = clock.now() + 60s;
    CHECK(ask(request()) == "PREPEND X-Greylist: expected, not delayed by SQLgrey-2.0.0");
    CHECK(logged("grey: expected: 192.0.2.25(192.0.2.25), alice@example.org -> bob@example.net"));
    CHECK(store->connect.empty());
    CHECK(ask(request("alice@example.com")) == "defer_if_permit Greylisted for 5 minutes");
    clock.advance(60s);
    CHECK(ask(request()) == "defer_if_permit Greylisted for 5 minutes");
}

TEST_CASE_METHOD(ServiceTest, "a batch takes two visits, whatever its size") {
    std::vector<policy::Request> batch;
    for (int i = 0; i < 64; ++i) batch.push_back(request("n" + std::to_string(i) + "@example.org"));
    ask(batch);
    CHECK(store->visits == 2);
    CHECK(store->largest_batch == 64);
    CHECK(store->connect.size() == 64);
}

TEST_CASE_METHOD(ServiceTest, "a batch ends as if its requests had come one after another") {
    CHECK(ask({request(), request()}) ==
          std::vector<std::string>(2, "defer_if_permit Greylisted for 5 minutes"));
    CHECK(logged("grey: early reconnect: 192.0.2.25(192.0.2.25), alice@example.org -> bob@example.net"));
    CHECK(store->connect.size() == 1);
}

TEST_CASE_METHOD(ServiceTest, "a message gets one header, whatever its recipients") {
    for (const std::string rcpt : {"a@example.net", "b@example.net"}) ask(request("alice@example.org", rcpt));
    clock.advance(301s);
    CHECK(ask({request("alice@example.org", "a@example.net", "m1"),
               request("alice@example.org", "b@example.net", "m1")}) ==
          std::vector<std::string>{"PREPEND X-Greylist: delayed 00:05:01 by SQLgrey-2.0.0", "dunno"});
    CHECK(ask(request("alice@example.org", "a@example.net", "m1")) == "dunno");
    CHECK(ask(request("alice@example.org", "a@example.net", "m2")) ==
          "PREPEND X-Greylist: from auto-whitelisted by SQLgrey-2.0.0");
    CHECK(ask(request("alice@example.org", "a@example.net")) ==
          "PREPEND X-Greylist: from auto-whitelisted by SQLgrey-2.0.0");
    CHECK(ask(request("alice@example.org", "a@example.net")) ==
          "PREPEND X-Greylist: from auto-whitelisted by SQLgrey-2.0.0");
}

TEST_CASE_METHOD(ServiceTest, "without prepend a pass is dunno") {
    rules.prepend = false;
    service = make();
    ask(request());
    clock.advance(301s);
    CHECK(ask(request()) == "dunno");
    CHECK(ask(request()) == "dunno");
}

TEST_CASE_METHOD(ServiceTest, "first attempts and early reconnects have an action each") {
    rules.first_attempt_reply = policy::reply_of("451");
    rules.early_reconnect_reply = policy::reply_of("450");
    rules.policy.reconnect_delay = 90s;
    service = make();
    CHECK(ask(request()) == "451 Greylisted for 90 seconds");
    CHECK(ask(request()) == "450 Greylisted for 90 seconds");
}

TEST_CASE_METHOD(ServiceTest, "a source with too many waiting triplets is throttled, also within a batch") {
    rules.policy.connect_src_throttle = 2;
    service = make();
    const auto replies =
        ask({request("a@x.org"), request("b@x.org"), request("c@x.org"), request("a@x.org")});
    CHECK(replies[1] == "defer_if_permit Greylisted for 5 minutes");
    CHECK(replies[2] ==
          "defer_if_permit Throttling too many connections from new source -  Try again later.");
    CHECK(replies[3] == "defer_if_permit Greylisted for 5 minutes");
    CHECK(logged("grey: throttling: 192.0.2.25(192.0.2.25), c@x.org -> bob@example.net"));
    CHECK(store->connect.size() == 2);

    SECTION("a promotion in a batch frees the source's later requests as far as it really does") {
        clock.advance(301s);
        const auto later = ask({request("a@x.org"), request("d@y.org"), request("e@y.org")});
        CHECK(later[0] == "PREPEND X-Greylist: delayed 00:05:01 by SQLgrey-2.0.0");
        CHECK(later[1] == "defer_if_permit Greylisted for 5 minutes");
        CHECK(later[2] ==
              "defer_if_permit Throttling too many connections from new source -  Try again later.");
    }
}

TEST_CASE_METHOD(ServiceTest, "a request without a usable client or recipient passes and leaves no row") {
    policy::Request none = request();
    none.set("client_address", "");
    CHECK(ask(none) == "dunno");
    policy::Request name = request();
    name.set("client_address", "mail.example.org");
    CHECK(ask(name) == "dunno");
    policy::Request nobody = request();
    nobody.set("recipient", "");
    CHECK(ask(nobody) == "dunno");
    CHECK(store->connect.empty());
    CHECK(log_lines.size() == 3);
    CHECK(log_lines.at(0).starts_with("martians: "));
}

TEST_CASE_METHOD(ServiceTest, "a request of another kind passes and is logged once per connection") {
    policy::Request strange = request();
    strange.set("request", "junk");
    CHECK(ask({strange, strange}) == std::vector<std::string>(2, "dunno"));
    CHECK(ask(strange) == "dunno");
    CHECK(log_lines.size() == 1);
    *connection = {};
    ask(strange);
    CHECK(log_lines.size() == 2);
}

TEST_CASE_METHOD(ServiceTest, "the null sender is a sender like any other") {
    ask(request(""));
    CHECK(store->connect.contains({"192.0.2.25", "-undef-", "-undef-", "bob@example.net"}));
    CHECK(logged("grey: new: 192.0.2.25(192.0.2.25), -undef-@-undef- -> bob@example.net"));
}

TEST_CASE_METHOD(ServiceTest, "a sender without a domain is logged") {
    ask(request("postmaster"));
    CHECK(logged("martians: undefined domain, from is 'postmaster'"));
}

TEST_CASE_METHOD(ServiceTest, "an address cannot forge a log line or a row") {
    ask(request("a\r\ngrey: new: x@example.org", std::string("b\0c@example.net", 15)));
    CHECK(store->connect.begin()->first[2] == "a\\x0d\\x0agrey: new: x");
    CHECK(store->connect.begin()->first[3] == "b\\x00c@example.net");
    CHECK(log_lines.size() == 1);
}

}  // namespace sqlgrey::service
