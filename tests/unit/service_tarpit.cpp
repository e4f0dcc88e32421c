// The tarpit: who waits, how many at once, and targrey.
#include "service_fixture.hpp"
#include "sqlgrey/service/counters.hpp"
#include "sqlgrey/service/tarpit.hpp"

#include <catch2/catch.hpp>

namespace sqlgrey::service {
namespace {

constexpr const char* sleeps = "SLEEP 65, DEFER_IF_PERMIT";
constexpr const char* deferred = "defer_if_permit Greylisted for 5 minutes";

struct TarpitTest : ServiceTest {
    TarpitTest() {
        rules.policy.tarpit = 65s;
        rules.tarpit_when = TarpitWhen::all;
        remake();
    }
    void remake(std::size_t places = 20) {
        tarpit = std::make_unique<Tarpit>(*shared, places);
        service = make();
    }
    policy::Request of(const std::string& sender, const std::string& instance = "") {
        return request(sender, "bob@example.net", instance);
    }
    policy::Request data(const std::string& sender, const std::string& instance,
                         const std::string& recipient = "") {
        policy::Request one = request(sender, recipient, instance);
        one.set("protocol_state", "DATA");
        return one;
    }
    void targrey() {
        rules.policy.targrey = true;
        remake();
    }
    std::unique_ptr<SharedTarpit> shared = std::make_unique<SharedTarpit>();
};

}  // namespace

TEST_CASE_METHOD(TarpitTest, "with reject_code = dunno mail passes, and nobody waits") {
    rules.first_attempt_reply = policy::reply_of("dunno");
    rules.early_reconnect_reply = policy::reply_of("dunno");
    for (const bool with_targrey : {false, true}) {
        rules.policy.targrey = with_targrey;
        remake();
        CHECK(ask(of("a@example.org", "m1")).starts_with("dunno"));
        CHECK(ask(of("a@example.org", "m2")).starts_with("dunno"));
    }
    CHECK(counters.tarpit_slept.value() == 0);
}

TEST_CASE_METHOD(
    TarpitTest,
    "a deferred client waits, at the first attempt and at an early retry, and not when it passes") {
    CHECK(ask(of("a@example.org", "m1")) == sleeps);
    CHECK(store->connect.size() == 1);
    CHECK(ask(of("a@example.org", "m2")) == sleeps);
    CHECK(counters.tarpit_slept.value() == 2);
    CHECK(logged("grey: new: 192.0.2.25(192.0.2.25), a@example.org -> bob@example.net"));
    CHECK(logged("grey: tarpit: 192.0.2.25(192.0.2.25), a@example.org -> bob@example.net (65 s)"));
    clock.advance(6min);
    CHECK(ask(of("a@example.org", "m3")).starts_with("PREPEND X-Greylist: delayed 00:06:00"));
    CHECK(ask(of("a@example.org", "m4")).starts_with("PREPEND X-Greylist: from auto-whitelisted"));
    CHECK(counters.tarpit_slept.value() == 2);
}

TEST_CASE_METHOD(TarpitTest, "a message waits once, whatever its recipients, also within a batch") {
    CHECK(ask(request("a@example.org", "b@example.net", "m1")) == sleeps);
    CHECK(ask(request("a@example.org", "c@example.net", "m1")) == deferred);
    const auto replies = ask(
        {request("a@example.org", "d@example.net", "m2"), request("a@example.org", "e@example.net", "m2")});
    CHECK(replies == std::vector<std::string>{sleeps, deferred});
    CHECK(counters.tarpit_slept.value() == 2);
}

TEST_CASE_METHOD(TarpitTest,
                 "no more clients wait at once than there are places, and a place becomes free by itself") {
    remake(2);
    CHECK(ask(of("a@example.org")) == sleeps);
    CHECK(ask(of("b@example.org")) == sleeps);
    CHECK(ask(of("c@example.org")) == deferred);
    CHECK(Tarpit::taken(*shared, clock.now()) == 2);
    CHECK(counters.tarpit_full.value() == 1);
    clock.advance(64s);
    CHECK(ask(of("d@example.org")) == deferred);
    clock.advance(1s);
    CHECK(ask(of("e@example.org")) == sleeps);
    CHECK(Tarpit::taken(*shared, clock.now()) == 1);
}

TEST_CASE("of two workers that want the last place one gets it, and a clock that was set back frees all") {
    const auto shared = std::make_unique<SharedTarpit>();
    Tarpit one(*shared, 1), two(*shared, 1);
    CHECK(one.take(base::at(1'000'000), base::Seconds{60}));
    CHECK_FALSE(two.take(base::at(1'000'059), base::Seconds{60}));
    CHECK(two.take(base::at(1'000'060), base::Seconds{60}));
    CHECK(one.take(base::at(500'000), base::Seconds{60}));
    CHECK_FALSE(two.take(base::at(500'000), base::Seconds{60}));
}

TEST_CASE_METHOD(TarpitTest,
                 "nobody waits under stress, in training, without places, or whose program cannot wait") {
    policy::Request stressed = of("a@example.org");
    stressed.set("stress", "yes");
    CHECK(ask(stressed) == deferred);
    stressed.set("stress", "");
    CHECK(ask(stressed) == sleeps);

    policy::Request of_exim = of("e@example.org");
    of_exim.set("policy_context", "exim");
    CHECK(ask(of_exim) == deferred);

    connection->never_sleeps = true;
    CHECK(ask(of("b@example.org")) == deferred);
    connection->never_sleeps = false;

    tarpit.reset();
    service = make();
    CHECK(ask(of("c@example.org")) == deferred);

    rules.training = true;
    remake();
    CHECK(ask(of("d@example.org")) == "dunno");
    CHECK(counters.tarpit_slept.value() == 1);
}

TEST_CASE_METHOD(
    TarpitTest,
    "tarpit_when = dynamic: no name, the address in it, or that of a dial-up line, but no mail server's") {
    rules.tarpit_when = TarpitWhen::dynamic;
    rules.identity.method = net::GreyMethod::full;
    rules.identity.patterns = {net::Pattern("^mx", net::LetterCase::ignored),
                               net::Pattern("dsl", net::LetterCase::ignored)};
    remake();
    const auto reply = [&](const std::string& address, const std::string& name) {
        policy::Request one = of("x" + std::to_string(store->connect.size()) + "@example.org");
        one.set("client_address", address);
        one.set("client_name", name);
        return ask(one);
    };
    CHECK(reply("192.0.2.25", "unknown") == sleeps);
    CHECK(reply("192.0.2.25", "host-25.example.net") == sleeps);
    CHECK(reply("192.0.2.25", "dsl-7.example.net") == sleeps);
    CHECK(reply("2001:db8::25", "a.dsl.example.net") == sleeps);
    CHECK(reply("192.0.2.25", "mail.example.net") == deferred);
    CHECK(reply("192.0.2.25", "mx-25.example.net") == deferred);
    CHECK(reply("2001:db8::25", "host-25.example.net") == deferred);
}

TEST_CASE_METHOD(TarpitTest, "tarpit_when = suspicious: what a rule of discrimination matches") {
    rules.tarpit_when = TarpitWhen::suspicious;
    remake();
    CHECK(ask(of("a@example.org")) == deferred);
    std::vector<lists::Rule> all;
    all.push_back(
        {"helo_name", lists::Rule::Operator::matches, net::Pattern("bad", net::LetterCase::matters)});
    rules.discrimination = std::make_shared<const lists::Discrimination>(std::move(all));
    remake();
    policy::Request one = of("b@example.org");
    one.set("helo_name", "bad.example");
    CHECK(ask(one) == sleeps);
    one.set("helo_name", "good.example");
    CHECK(ask(one).starts_with("PREPEND X-Greylist: not greylisting"));
}

TEST_CASE_METHOD(TarpitTest,
                 "the words of the reply are those that Postfix takes in a list of restrictions") {
    rules.first_attempt_reply = policy::reply_of("451 4.7.1");
    remake();
    CHECK(ask(of("a@example.org")) == "SLEEP 65, DEFER");
    rules.first_attempt_reply = policy::reply_of("defer_if_reject");
    remake();
    CHECK(ask(of("b@example.org")) == "SLEEP 65, DEFER_IF_REJECT");
}

TEST_CASE_METHOD(TarpitTest,
                 "targrey: who waits is not deferred, and its sender passes when Postfix asks at DATA") {
    targrey();
    CHECK(ask(request("a@example.org", "b@example.net", "m1")) == "SLEEP 65");
    CHECK(ask(request("a@example.org", "c@example.net", "m1")) == "dunno");
    CHECK(store->connect.size() == 2);
    clock.advance(65s);
    CHECK(ask(data("a@example.org", "m1")) == "PREPEND X-Greylist: delayed 00:01:05 by SQLgrey-2.0.0");
    CHECK(store->connect.empty());
    CHECK(store->from_awl.size() == 1);
    CHECK(counters.of(greylist::Verdict::reconnect_ok).value() == 1);
    CHECK(ask(request("a@example.org", "d@example.net", "m2")).starts_with("PREPEND X-Greylist: from auto-"));
}

TEST_CASE_METHOD(TarpitTest,
                 "targrey: one that gives up is deferred when it comes back, and passes by waiting") {
    targrey();
    CHECK(ask(of("a@example.org", "m1")) == "SLEEP 65");
    CHECK(ask(of("a@example.org", "m2")) == deferred);
    clock.advance(6min);
    CHECK(ask(of("a@example.org", "m3")).starts_with("PREPEND X-Greylist: delayed 00:06:00"));
}

TEST_CASE_METHOD(TarpitTest, "targrey: without a place, the first attempt is deferred") {
    rules.policy.targrey = true;
    remake(1);
    CHECK(ask(of("a@example.org", "m1")) == "SLEEP 65");
    CHECK(ask(of("b@example.org", "m2")) == deferred);
}

TEST_CASE_METHOD(TarpitTest,
                 "targrey: DATA decides nothing of a message that has not waited, and writes nothing") {
    targrey();
    CHECK(ask(data("a@example.org", "m1")) == "dunno");
    CHECK(ask(data("a@example.org", "m1", "bob@example.net")) == "dunno");
    CHECK(ask(of("a@example.org", "m1")) == "SLEEP 65");
    const std::size_t lines = log_lines.size();
    CHECK(ask(data("a@example.org", "m2")) == "dunno");
    CHECK(ask(data("a@example.org", "")) == "dunno");
    CHECK(store->connect.size() == 1);
    CHECK(store->from_awl.empty());
    CHECK(log_lines.size() == lines);
}

TEST_CASE_METHOD(TarpitTest, "without targrey DATA is asked as before") {
    CHECK(ask(data("a@example.org", "m1", "bob@example.net")) == sleeps);
    CHECK(ask(data("a@example.org", "m2")) == "dunno");
}

TEST_CASE_METHOD(TarpitTest, "targrey: a sender that is never auto-whitelisted passes, and earns nothing") {
    targrey();
    lists::ListBuilder builder = lists::ListBuilder::of_rows(lists::ListName::never_whitelist_clients);
    builder.add("192.0.2.25", 1);
    lists = std::make_shared<const lists::Lists>(lists->with({std::move(builder).build().list}));
    CHECK(ask(of("a@example.org", "m1")) == "SLEEP 65");
    CHECK(ask(data("a@example.org", "m1")).starts_with("PREPEND X-Greylist: delayed"));
    CHECK(store->from_awl.empty());
}

TEST_CASE_METHOD(TarpitTest,
                 "targrey: a sender with a number is known after DATA, for several recipients too") {
    targrey();
    CHECK(ask(of("list-12@example.org", "m1")) == "SLEEP 65");
    CHECK(ask(request("list-12@example.org", "eve@example.net", "m1")) == "dunno");
    CHECK(ask(data("list-12@example.org", "m1")).starts_with("PREPEND X-Greylist: delayed"));
    CHECK(store->connect.empty());
    CHECK(ask(of("list-13@example.org", "m2")) ==
          "PREPEND X-Greylist: from auto-whitelisted by SQLgrey-2.0.0");
}

TEST_CASE_METHOD(TarpitTest,
                 "targrey: DATA is deferred if the client was found on DNS blacklists while it waited") {
    rules.policy.targrey = rules.enrich = rules.reply_id = true;
    rules.policy.dnsbl_delay = 1h;
    rules.policy.pool_unproven_retries = 2;
    rules.pools = std::make_shared<const net::PoolFinder>(net::PoolRules{});
    rules.pools_on = true;
    remake();
    CHECK(ask(of("a@example.org", "m1")) == "SLEEP 65");
    const auto waiting = store->connect;
    clock.advance(65s);
    store->client_facts[{"192.0.2.25", "example.org"}].dnsbl = 1;
    CHECK(ask(data("a@example.org", "m1")) == "defer_if_permit Greylisted for 60 minutes");
    CHECK(store->connect.size() == waiting.size());
    CHECK(store->from_awl.empty());
    CHECK(ask(of("b@example.org", "m2")).starts_with("defer_if_permit Greylisted for 60 minutes"));
}

TEST_CASE_METHOD(TarpitTest, "targrey: while the database is unavailable DATA passes") {
    targrey();
    rules.pass_without_database = false;
    remake();
    CHECK(ask(of("a@example.org", "m1")) == "SLEEP 65");
    CHECK(ask_without_database({data("a@example.org", "m1")}) == std::vector<std::string>{"dunno"});
}

}  // namespace sqlgrey::service
