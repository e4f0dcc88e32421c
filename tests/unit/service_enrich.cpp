// Facts about strangers: when they are read, what they change, whom the resolver is told of, and first
// attempts that are held for them.
#include "service_fixture.hpp"

namespace sqlgrey::service {
namespace {

struct Enriched : ServiceTest {
    Enriched() {
        rules.enrich = true;
        rules.policy.dnswl_pass = greylist::Trust::low;
        rules.policy.dnsbl_delay = 1h;
        rules.policy.spf_fail_delay = 20min;
        rules.policy.spf_identity = true;
        rules.first_contact_wait = 1000ms;
        service = make();
    }
    greylist::ClientFacts& facts(const std::string& client = "192.0.2.25",
                                 const std::string& domain = "example.org") {
        return store->client_facts[{client, domain}];
    }
    static policy::Request from(const std::string& client, const std::string& sender = "alice@example.org",
                                const std::string& name = "unknown") {
        policy::Request one = request(sender);
        one.set("client_address", client);
        one.set("client_name", name);
        one.set("helo_name", "mail.example.org");
        return one;
    }
    policy::Reply answer(const policy::PendingRequest& one) { return service->answer({&one, 1}).at(0); }
    policy::PendingRequest may_be_held(const policy::Request& one, base::Milliseconds since_arrival = 3ms,
                                       bool was_held = false) const {
        return {one, connection, true, was_held, since_arrival};
    }
    void with_pools() {
        rules.pools = std::make_shared<const net::PoolFinder>(net::PoolRules{});
        rules.pools_on = true;
        service = make();
    }
};

const std::string deferred = "defer_if_permit Greylisted for 5 minutes";

bool passes(const std::string& action) {
    return action.starts_with("PREPEND") || action == "dunno";
}

}  // namespace

TEST_CASE("with enrich = off no fact is read, and a batch visits the database as often as before") {
    ServiceTest t;
    t.store->client_facts[{"192.0.2.25", "example.org"}].dnswl = greylist::Trust::high;
    t.rules.policy.dnswl_pass = greylist::Trust::low;
    t.service = t.make();
    t.store->visits = 0;
    CHECK(t.ask(ServiceTest::request()) == deferred);
    CHECK(t.store->fact_lookups == 0);
    CHECK(t.store->visits == 2);
    t.service->replied();
    CHECK(t.told.empty());
}

TEST_CASE("facts of all strangers of a batch are read at once, and none of a known sender") {
    Enriched t;
    t.store->visits = 0;
    t.ask({Enriched::from("192.0.2.25"), Enriched::from("192.0.2.26"), Enriched::from("198.51.100.9")});
    CHECK(t.store->fact_lookups == 1);
    CHECK(t.store->visits == 3);
    t.clock.advance(10min);
    CHECK(passes(t.ask(Enriched::from("192.0.2.25"))));
    t.store->visits = t.store->fact_lookups = 0;
    CHECK(passes(t.ask(Enriched::from("192.0.2.25"))));
    CHECK(t.store->visits == 1);
    CHECK(t.store->fact_lookups == 0);
}

TEST_CASE("a trusted client passes at once, and the reply and the log say why") {
    Enriched t;
    t.facts().dnswl = greylist::Trust::medium;
    CHECK(t.ask(Enriched::from("192.0.2.25")) ==
          "PREPEND X-Greylist: client DNS-whitelisted by SQLgrey-2.0.0");
    CHECK(t.logged("grey: dnswl match: 192.0.2.25(192.0.2.25), alice@example.org -> bob@example.net"));
    CHECK(t.counters.of(greylist::Verdict::dnswl).value() == 1);
    CHECK(t.store->connect.empty());
}

TEST_CASE("a client that becomes trusted between attempt and retry passes however early") {
    Enriched t;
    CHECK(t.ask(Enriched::from("192.0.2.25")) == deferred);
    t.clock.advance(1s);
    t.facts().dnswl = greylist::Trust::medium;
    CHECK(passes(t.ask(Enriched::from("192.0.2.25"))));
    CHECK(t.store->connect.empty());
    CHECK(t.store->from_awl.size() == 1);
}

TEST_CASE("the reply to a listed client has its delay") {
    Enriched t;
    t.facts().dnsbl = 1;
    CHECK(t.ask(Enriched::from("192.0.2.25")) == "defer_if_permit Greylisted for 60 minutes");
    t.clock.advance(6min);
    CHECK(t.ask(Enriched::from("192.0.2.25")) == "defer_if_permit Greylisted for 60 minutes");
    t.clock.advance(55min);
    CHECK(passes(t.ask(Enriched::from("192.0.2.25"))));
    CHECK(t.store->from_awl.empty());
    t.rules.greylist_text = "wait %m min";
    t.service = t.make();
    t.facts("192.0.2.26").spf = spf::Verdict::fail;
    CHECK(t.ask(Enriched::from("192.0.2.26")) == "defer_if_permit wait 20 min");
}

TEST_CASE("covered clients are one: the second retries, the third passes at once, another never does") {
    Enriched t;
    for (const char* client : {"192.0.2.25", "198.51.100.9", "203.0.113.4"})
        t.facts(client).spf_covers = true;
    SECTION("without pools") {
    }
    SECTION("with pools") {
        t.with_pools();
    }
    CHECK(t.ask(Enriched::from("192.0.2.25")) == deferred);
    CHECK(t.store->connect.contains({"=example.org", "example.org", "alice", "bob@example.net"}));
    t.clock.advance(2min);
    CHECK(t.ask(Enriched::from("198.51.100.9")) == deferred);
    CHECK(t.store->connect.size() == 2);
    t.clock.advance(4min);
    CHECK(passes(t.ask(Enriched::from("198.51.100.9"))));
    CHECK(passes(t.ask(Enriched::from("203.0.113.4"))));
    CHECK(t.store->from_awl.contains({"=example.org", "example.org", "alice"}));
    CHECK(t.store->from_awl.contains({"203.0.113.4", "example.org", "alice"}));
    const int before = t.store->fact_lookups;
    CHECK(passes(t.ask(Enriched::from("203.0.113.4"))));
    CHECK(t.store->fact_lookups == before);
    CHECK(t.ask(Enriched::from("203.0.113.5")) == deferred);
    CHECK(t.ask(Enriched::from("203.0.113.4", "bert@example.org")) == deferred);
}

TEST_CASE("a row that the resolver has written for the domain is found by a retry from elsewhere") {
    Enriched t;
    CHECK(t.ask(Enriched::from("192.0.2.25")) == deferred);
    CHECK(t.store->connect.size() == 1);
    t.service->replied();
    const enrich::Stranger::Letter& letter = t.told.at(0).letter.value();
    t.store->connect[{"=example.org", letter.triplet.sender_domain, letter.triplet.sender_name,
                      letter.triplet.rcpt}] = letter.first_seen;
    t.clock.advance(6min);
    t.facts("198.51.100.9").spf_covers = true;
    CHECK(passes(t.ask(Enriched::from("198.51.100.9"))));
}

TEST_CASE("mail without a sender has no domain's identity") {
    Enriched t;
    t.facts("192.0.2.25", "").spf_covers = true;
    CHECK(t.ask(Enriched::from("192.0.2.25", "")) == deferred);
    CHECK(t.store->connect.size() == 1);
    t.service->replied();
    CHECK(t.told.at(0).subject == greylist::FactSubject{"192.0.2.25", ""});
    CHECK_FALSE(t.told.at(0).letter);
}

TEST_CASE("the resolver is told of deferred strangers once the replies are out") {
    Enriched t;
    t.ask({Enriched::from("192.0.2.25"), Enriched::from("2001:db8::1", "Bert@Example.ORG")});
    CHECK(t.told.empty());
    t.service->replied();
    REQUIRE(t.told.size() == 2);
    const enrich::Stranger& one = t.told.at(0);
    CHECK(one.client == "192.0.2.25");
    CHECK(one.helo == "mail.example.org");
    CHECK(one.sender == "alice@example.org");
    CHECK(one.subject == greylist::FactSubject{"192.0.2.25", "example.org"});
    REQUIRE(one.letter);
    CHECK(one.letter->triplet.sender_name == "alice");
    CHECK(one.letter->triplet.rcpt == "bob@example.net");
    CHECK(one.letter->first_seen == t.clock.now());
    CHECK(t.told.at(1).sender == "Bert@Example.ORG");
    CHECK(t.told.at(1).subject ==
          greylist::FactSubject{"2001:0db8:0000:0000:0000:0000:0000:0001", "example.org"});
    t.service->replied();
    CHECK(t.told.size() == 2);
}

TEST_CASE("the resolver is told of an early retry while facts are missing, with the first attempt's time") {
    Enriched t;
    const base::Time first_attempt = t.clock.now();
    t.ask(Enriched::from("192.0.2.25"));
    t.clock.advance(10s);
    t.ask(Enriched::from("192.0.2.25"));
    t.service->replied();
    REQUIRE(t.told.size() == 1);
    CHECK(t.told.at(0).letter->first_seen == first_attempt);
    t.facts().complete = true;
    t.ask({Enriched::from("192.0.2.25"), Enriched::from("192.0.2.25", "bert@example.org")});
    t.service->replied();
    CHECK(t.told.size() == 1);
}

TEST_CASE("the resolver is not told of those it need not ask about") {
    Enriched t;
    t.facts().complete = true;
    t.ask(Enriched::from("192.0.2.25"));
    t.clock.advance(6min);
    t.ask(Enriched::from("192.0.2.25"));
    t.store->expectations[{"bob@example.net", ""}] = t.clock.now() + 1h;
    t.ask(Enriched::from("198.51.100.9"));
    t.service->replied();
    CHECK(t.told.empty());
}

TEST_CASE("the resolver is not told of requests that were answered without the database") {
    Enriched t;
    t.ask(Enriched::from("192.0.2.25"));
    t.store->failing = true;
    t.server_is_there = false;
    t.ask(Enriched::from("192.0.2.26"));
    t.service->replied();
    CHECK(t.told.empty());
    t.ask_without_database({Enriched::from("192.0.2.27")});
    t.service->replied();
    CHECK(t.told.empty());
}

TEST_CASE("with privacy_key_file facts are stored by hashes, and the resolver gets what it must ask") {
    Enriched t;
    t.rules.privacy.emplace("a key of sixteen bytes");
    t.service = t.make();
    t.ask(Enriched::from("192.0.2.25"));
    t.service->replied();
    const enrich::Stranger& one = t.told.at(0);
    CHECK(one.client == "192.0.2.25");
    CHECK(one.sender == "alice@example.org");
    CHECK(one.subject == greylist::FactSubject{t.rules.privacy->of("client", "192.0.2.25"),
                                               t.rules.privacy->of("domain", "example.org")});
    CHECK(one.letter->triplet.sender_domain == one.subject.domain);
    t.store->client_facts[one.subject].spf_covers = true;
    t.ask(Enriched::from("192.0.2.25", "bert@example.org"));
    CHECK(std::ranges::any_of(
        t.store->connect, [&](const auto& row) { return row.first.front() == "=" + one.subject.domain; }));
}

TEST_CASE(
    "a first attempt is held while its facts are missing: nothing of it is written, logged or counted") {
    Enriched t;
    const policy::Request request = Enriched::from("192.0.2.25");
    CHECK(t.answer(t.may_be_held(request)).ask_again == 25ms);
    CHECK(t.store->connect.empty());
    CHECK(t.log_lines.empty());
    CHECK(t.counters.of(greylist::Verdict::first_attempt).value() == 0);
    t.service->replied();
    REQUIRE(t.told.size() == 1);
    CHECK_FALSE(t.told.at(0).letter);
    CHECK(t.answer(t.may_be_held(request, 28ms, true)).ask_again == 28ms);
    CHECK(t.answer(t.may_be_held(request, 700ms, true)).ask_again == 300ms);
    t.service->replied();
    CHECK(t.told.size() == 1);
    t.facts().complete = true;
    SECTION("and decided once they are known") {
        CHECK(policy::access_line(t.answer(t.may_be_held(request, 900ms, true))) == deferred);
        CHECK(t.store->connect.size() == 1);
        CHECK(t.log_lines.size() == 1);
    }
    SECTION("and passes if they say so") {
        t.facts().dnswl = greylist::Trust::high;
        CHECK(t.answer(t.may_be_held(request, 900ms, true)).action == policy::Action::pass);
        CHECK(t.store->connect.empty());
    }
}

TEST_CASE("a first attempt is not held when its time is over, under stress, or when it may not be") {
    Enriched t;
    policy::Request request = Enriched::from("192.0.2.25");
    SECTION("time is over") {
        CHECK(policy::access_line(t.answer(t.may_be_held(request, 1000ms, true))) == deferred);
        t.service->replied();
        CHECK(t.told.at(0).letter);
    }
    SECTION("stress") {
        request.set("stress", "yes");
        CHECK(policy::access_line(t.answer(t.may_be_held(request))) == deferred);
    }
    SECTION("it may not be held") {
        CHECK(policy::access_line(t.answer({request, t.connection})) == deferred);
    }
    SECTION("first_contact_wait = 0") {
        t.rules.first_contact_wait = 0ms;
        t.service = t.make();
        CHECK(policy::access_line(t.answer(t.may_be_held(request))) == deferred);
    }
    SECTION("facts are known") {
        t.facts().complete = true;
        CHECK(policy::access_line(t.answer(t.may_be_held(request))) == deferred);
    }
    CHECK(t.store->connect.size() == 1);
}

TEST_CASE("only first attempts are held: retries, known senders and lists are decided") {
    Enriched t;
    const policy::Request request = Enriched::from("192.0.2.25");
    t.ask(request);
    CHECK(policy::access_line(t.answer(t.may_be_held(request))) == deferred);
    t.clock.advance(6min);
    CHECK(t.answer(t.may_be_held(request)).action == policy::Action::pass);
    CHECK(t.answer(t.may_be_held(request)).action == policy::Action::pass);
    policy::Request no_request = request;
    no_request.set("recipient", "");
    CHECK(t.answer(t.may_be_held(no_request)).ask_again == 0ms);
}

TEST_CASE("requests of a batch are decided though one is held, and by its rows once that is decided") {
    Enriched t;
    t.facts("192.0.2.26").complete = true;
    const policy::PendingRequest held = t.may_be_held(Enriched::from("192.0.2.25"));
    const std::vector<policy::PendingRequest> batch{
        held, t.may_be_held(Enriched::from("192.0.2.26")), {held.request, t.connection}};
    const std::vector<policy::Reply> replies = t.service->answer(batch);
    CHECK(replies.at(0).ask_again == 25ms);
    CHECK(policy::access_line(replies.at(1)) == deferred);
    CHECK(policy::access_line(replies.at(2)) == deferred);
    CHECK(t.store->connect.size() == 2);
    CHECK(policy::access_line(t.answer(t.may_be_held(held.request, 30ms, true))) == deferred);
    CHECK(t.logged("grey: early reconnect: 192.0.2.25(192.0.2.25), alice@example.org -> bob@example.net"));
}

TEST_CASE(
    "a held request is answered by on_db_failure if the database fails, and its lines are logged once") {
    Enriched t;
    policy::Request request = Enriched::from("192.0.2.25");
    request.add_malformed_line("no equals sign");
    t.answer(t.may_be_held(request));
    CHECK(t.log_lines.size() == 1);
    const policy::PendingRequest again = t.may_be_held(request, 30ms, true);
    const auto lines_before = t.log_lines.size();
    t.store->failing = true;
    t.server_is_there = false;
    CHECK(t.answer(again) == policy::Reply{});
    CHECK(t.service->answer_without_database({&again, 1}, policy::Reporting::here).at(0) == policy::Reply{});
    CHECK(t.log_lines.size() == lines_before + 1);  // of the outage
}

}  // namespace sqlgrey::service
