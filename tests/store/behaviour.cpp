// What every greylist::Store does, on each database and in memory.
#include "any_store.hpp"

namespace sqlgrey::store {

using namespace std::chrono_literals;
using greylist::Change;
using greylist::Facts;
using greylist::Policy;
using greylist::PutConnect;
using greylist::PutDomainAwl;
using greylist::PutFromAwl;
using greylist::Seen;
using greylist::TouchDomainAwl;
using greylist::TouchFromAwl;
using greylist::Triplet;

TEST_CASE_METHOD(AnyStoreTest, "of an unknown triplet nothing is known") {
    const Triplet t = triplet();
    const Facts facts = store->look_up(std::span(&t, 1), policy);
    CHECK(facts.now == now);
    CHECK(facts.known.at(0) == greylist::Known{});
}

TEST_CASE_METHOD(AnyStoreTest, "a first attempt is known from then on, and only that triplet") {
    remember({first_attempt(triplet())});
    CHECK(known(triplet()).connect == now);
    CHECK_FALSE(known(triplet("alice", "carol@example.net")).connect);
    CHECK_FALSE(known(triplet("alicia")).connect);
    CHECK(tables->rows("connect") == 1);
}

TEST_CASE_METHOD(AnyStoreTest,
                 "a second first attempt, by whomever, leaves the older first_seen and one row") {
    remember({first_attempt(triplet())});
    remember({first_attempt(triplet(), now + 10s)});
    CHECK(known(triplet()).connect == now);
    CHECK(tables->rows("connect") == 1);
}

TEST_CASE_METHOD(AnyStoreTest, "retries of a letter are counted once a minute, and known only to who asks") {
    using greylist::Retries;
    Policy patient;
    patient.retry_count = 2;
    const Triplet t = triplet();
    const auto retries = [&](const Triplet& of) {
        return store->look_up(std::span(&of, 1), patient).known.at(0).retries;
    };
    const auto note = [&](base::Time when) {
        remember({PutConnect{greylist::row_of_retry(t, when), when, when - 24h}});
    };
    CHECK(retries(t) == Retries{});
    note(now);
    note(now);
    CHECK(retries(t) == Retries{1, now});
    note(now + 60s);
    CHECK(retries(t) == Retries{2, now + 60s});
    CHECK(retries(triplet("alice", "carol@example.net")) == Retries{});
    CHECK(retries(triplet("alicia")) == Retries{});
    CHECK(known(t).retries == Retries{});
    remember({PutFromAwl{t.src, t.sender_domain, t.deverped, now, now}});
    Triplet until_awl = t;
    until_awl.ask_all = false;
    CHECK(retries(until_awl) == Retries{});  // what is behind an auto-whitelist is not looked up
}

TEST_CASE_METHOD(AnyStoreTest,
                 "a client's passes count once an hour, and are known only to who asks for them") {
    using greylist::CountRetry;
    using greylist::RetryCount;
    Policy counting;
    counting.auto_whitelist_clients = 5;
    const Triplet t = triplet();
    const auto passes = [&] { return store->look_up(std::span(&t, 1), counting).known.at(0).client_awl; };
    CHECK_FALSE(passes());
    remember({CountRetry{t.src, now, now - 24h}});
    remember({CountRetry{t.src, now + 59min, now - 23h}, CountRetry{t.src, now + 59min, now - 23h}});
    CHECK(passes() == RetryCount{1, now, now + 59min});
    remember({CountRetry{t.src, now + 60min, now - 23h}});
    CHECK(passes() == RetryCount{2, now + 60min, now + 60min});
    remember({greylist::TouchClientAwl{t.src, now + 2h}});
    CHECK(passes() == RetryCount{2, now + 60min, now + 2h});
    remember({CountRetry{t.src, now + 48h, now + 24h}});  // last seen too long ago to count
    CHECK(passes() == RetryCount{1, now + 48h, now + 48h});
    CHECK_FALSE(known(t).client_awl);
}

TEST_CASE_METHOD(AnyStoreTest, "the opt tables are looked up with the batch") {
    Policy asking;
    asking.opt_method = greylist::OptMethod::optin;
    tables->opt("optin_domain", "example.net");
    tables->opt("optin_email", "a@b");
    tables->opt("optout_domain", "b");
    tables->opt("optout_email", "bob@example.net");
    Triplet bob = triplet();
    bob.opt_email = "bob@example.net";
    bob.opt_domain = "example.net";
    Triplet other = triplet("alice", "a@b");
    other.opt_email = "a@b";
    other.opt_domain = "b";
    const Triplet nobody = triplet("alice", "c@d");
    const std::vector<Triplet> batch{bob, other, nobody};
    const Facts facts = store->look_up(batch, asking);
    CHECK(facts.known.at(0).opted == greylist::Opted{true, false, false, true});
    CHECK(facts.known.at(1).opted == greylist::Opted{false, true, true, false});
    CHECK(facts.known.at(2).opted == greylist::Opted{});
    asking.connect_src_throttle = 3;
    asking.auto_whitelist_clients = 2;
    remember({first_attempt(bob)});
    const Facts all = store->look_up(batch, asking);
    CHECK(all.known.at(0).opted == greylist::Opted{true, false, false, true});
    CHECK(all.known.at(0).src_connect == 1);
    CHECK_FALSE(all.known.at(0).client_awl);
}

TEST_CASE_METHOD(AnyStoreTest, "a row that no longer counts starts again") {
    remember({first_attempt(triplet(), now - 25h)});
    remember({first_attempt(triplet(), now)});
    CHECK(known(triplet()).connect == now);
    CHECK(tables->rows("connect") == 1);
}

TEST_CASE_METHOD(AnyStoreTest, "a row that a clock which ran ahead has left starts again") {
    remember({first_attempt(triplet(), now + 365 * 24h)});
    remember({first_attempt(triplet(), now)});
    CHECK(known(triplet()).connect == now);
    CHECK(tables->rows("connect") == 1);
    Policy counting;
    counting.auto_whitelist_clients = 5;
    const Triplet t = triplet();
    remember({greylist::CountRetry{t.src, now + 365 * 24h, now}});
    remember({greylist::CountRetry{t.src, now, now - 24h}});
    CHECK(store->look_up(std::span(&t, 1), counting).known.at(0).client_awl ==
          greylist::RetryCount{2, now, now});
}

TEST_CASE_METHOD(AnyStoreTest, "a batch of any size up to 64 is looked up and remembered in order") {
    for (const std::size_t size : {1u, 2u, 3u, 7u, 16u, 33u, 64u}) {
        std::vector<Triplet> batch;
        std::vector<Change> changes;
        for (std::size_t i = 0; i < size; ++i) {
            batch.push_back(triplet("n" + std::to_string(size) + "-" + std::to_string(i)));
            if (i % 2 == 0) changes.push_back(first_attempt(batch.back(), now - std::chrono::seconds(i)));
        }
        remember(changes);
        const Facts facts = store->look_up(batch, policy);
        REQUIRE(facts.known.size() == size);
        for (std::size_t i = 0; i < size; ++i) {
            CAPTURE(size, i);
            CHECK(facts.known[i].connect.has_value() == (i % 2 == 0));
            if (i % 2 == 0) CHECK(facts.known[i].connect == now - std::chrono::seconds(i));
        }
    }
}

TEST_CASE_METHOD(AnyStoreTest, "the same triplet twice in a batch is one row") {
    remember({first_attempt(triplet()), first_attempt(triplet())});
    CHECK(tables->rows("connect") == 1);
    const std::vector<Triplet> twice{triplet(), triplet()};
    const Facts facts = store->look_up(twice, policy);
    CHECK(facts.known.at(0) == facts.known.at(1));
}

TEST_CASE_METHOD(AnyStoreTest,
                 "an accepted sender has a from_awl row and no connect rows that it stands for") {
    Triplet verp = triplet("bounce-17");
    verp.deverped = "bounce-#";
    Triplet sibling = triplet("bounce-18", "carol@example.net");
    sibling.deverped = "bounce-#";
    remember({first_attempt(verp), first_attempt(sibling), first_attempt(triplet("bounce"))});
    remember({PutFromAwl{verp.src, verp.sender_domain, verp.deverped, now - 400s, now}});

    CHECK(known(verp).from_awl == Seen{now - 400s, now});
    CHECK(known(sibling).from_awl == Seen{now - 400s, now});
    CHECK(known(triplet("bounce")).connect == now);
    CHECK(tables->rows("connect") == 1);
}

TEST_CASE_METHOD(AnyStoreTest, "wildcards of any database in a name stand for themselves") {
    for (const std::string name :
         {"a_c", "a%c", "a*c", "a?c", "a[b]c", "a!c", "a\\c", "a'c", "a:p0", "a\"c"}) {
        const Triplet victim = triplet("abc");
        remember({first_attempt(victim), first_attempt(triplet(name))});
        remember({PutFromAwl{"192.0.2", "example.org", name, now, now}});
        CAPTURE(name);
        CHECK(known(victim).connect == now);
        CHECK_FALSE(known(triplet(name)).connect);
        CHECK(known(triplet(name)).from_awl == Seen{now, now});
    }
}

TEST_CASE_METHOD(AnyStoreTest, "'#' in a deverped name stands for any run of characters, wherever it is") {
    struct Case {
        std::string deverped, name;
        bool goes;
    };
    const std::string last = "\xf4\x8f\xbf\xbf";  // U+10FFFF
    for (const Case& one : std::vector<Case>{
             {"#", "anything", true},
             {"a#", "a", true},
             {"a#", "ab", true},
             {"a#", "b", false},
             {"a#", "a" + last + last, true},
             {"a#", "A1", false},
             {"#-x", "7-x", true},
             {"b#-x", "b7-x", true},
             {"b#-x", "b7-y", false},
             {"b#-x#", "b-xy", true},
             {"\xc3\xa9#", "\xc3\xa9-7", true},
             {"\xc3\xa9#", "\xc3\xaa-7", false},
             {"[a]#", "[a]1", true},
             {"[a]#", "a1", false},
             {"*#", "*1", true},
             {"*#", "x1", false},
             {"%#", "%1", true},
             {"%#", "x1", false},
         }) {
        CAPTURE(one.deverped, one.name);
        remember({first_attempt(triplet(one.name))});
        remember({PutFromAwl{"192.0.2", "example.org", one.deverped, now, now}});
        CHECK(tables->rows("connect") == (one.goes ? 0u : 1u));
        tables->clear("connect");
    }
}

TEST_CASE_METHOD(AnyStoreTest, "a '#' of the sender's own stands for itself, those beside it for any text") {
    struct Case {
        std::string deverped;
        mail::OwnHashes own;
        std::string name;
        bool goes;
    };
    for (const Case& one : std::vector<Case>{
             {"#", 1, "#", true},       {"#", 1, "alice", false},   {"#", 1, "", false},
             {"##", 3, "##", true},     {"##", 3, "ab", false},     {"a#b", 1, "a#b", true},
             {"a#b", 1, "axb", false},  {"#-#", 1, "#-7", true},    {"#-#", 1, "x-7", false},
             {"#-#", 2, "7-#", true},   {"#-#", 2, "7-x", false},   {"#%", 1, "#%", true},
             {"#%", 1, "#x", false},    {"#_", 1, "#x", false},     {"#*", 1, "#x", false},
             {"#?", 1, "#x", false},    {"#[a]", 1, "#a", false},   {"#!#", 1, "#!7", true},
             {"#\\#", 1, "#\\7", true}, {"#\\#", 3, "#\\7", false},
         }) {
        CAPTURE(one.deverped, one.own, one.name);
        remember({first_attempt(triplet(one.name))});
        remember({PutFromAwl{"192.0.2", "example.org", one.deverped, now, now, one.own}});
        CHECK(tables->rows("connect") == (one.goes ? 0u : 1u));
        tables->clear("connect");
    }
}

TEST_CASE_METHOD(AnyStoreTest, "letter case is told apart, in keys and in patterns") {
    remember({first_attempt(triplet("list-rcpt"))});
    CHECK_FALSE(known(triplet("LIST-rcpt")).connect);
    remember({PutFromAwl{"192.0.2", "example.org", "list-RCPT", now, now}});
    CHECK(known(triplet("list-rcpt")).connect == now);
}

TEST_CASE_METHOD(AnyStoreTest, "texts that only a byte tells apart are two, and accents are not letters") {
    const std::vector<std::string> names{"e", "\xc3\xa9", "\xc3\x89", "ss", "\xc3\x9f", "a b", "a  b"};
    for (const std::string& name : names) remember({first_attempt(triplet(name))});
    CHECK(tables->rows("connect") == names.size());
    for (const std::string& name : names) CHECK(known(triplet(name)).connect == now);
}

TEST_CASE_METHOD(AnyStoreTest, "what is asked of a triplet includes its from_awl siblings, waiting or not") {
    remember({PutFromAwl{"192.0.2", "example.org", "x", now - 500s, now},
              PutFromAwl{"192.0.2", "example.org", "y", now - 700s, now},
              PutFromAwl{"192.0.2", "example.com", "z", now - 900s, now}, first_attempt(triplet())});
    for (const Triplet& one : {triplet(), triplet("bert")}) {
        CHECK(known(one).senders_known == 2);
        CHECK(known(one).oldest_sender == now - 700s);
    }
}

TEST_CASE_METHOD(AnyStoreTest,
                 "a promoted domain has one row, its from_awl and connect rows are gone, others stay") {
    Triplet elsewhere = triplet();
    elsewhere.src = "198.51.100";
    remember({PutFromAwl{"192.0.2", "example.org", "x", now - 500s, now},
              PutFromAwl{"198.51.100", "example.org", "x", now - 500s, now}, first_attempt(triplet()),
              first_attempt(elsewhere)});
    remember({PutDomainAwl{"192.0.2", "example.org", now - 500s, now}});
    CHECK(known(triplet("anyone")).domain_awl == Seen{now - 500s, now});
    CHECK(tables->rows("domain_awl") == 1);
    CHECK(tables->rows("from_awl") == 1);
    CHECK(tables->rows("connect") == 1);
    CHECK(known(elsewhere).connect == now);

    SECTION("promoted again, it is still one row") {
        remember({PutDomainAwl{"192.0.2", "example.org", now - 500s, now + 1s}});
        CHECK(tables->rows("domain_awl") == 1);
    }
}

TEST_CASE_METHOD(AnyStoreTest, "a touch moves last_seen and nothing else") {
    remember({PutFromAwl{"192.0.2", "example.org", "alice", now - 500s, now - 400s},
              PutFromAwl{"192.0.2", "example.org", "bert", now - 500s, now - 400s},
              PutDomainAwl{"192.0.2", "example.com", now - 500s, now - 400s}});
    remember({TouchFromAwl{"192.0.2", "example.org", "alice", now},
              TouchDomainAwl{"192.0.2", "example.com", now}});
    CHECK(known(triplet()).from_awl == Seen{now - 500s, now});
    CHECK(known(triplet("bert")).from_awl == Seen{now - 500s, now - 400s});
    Triplet com = triplet();
    com.sender_domain = "example.com";
    CHECK(known(com).domain_awl == Seen{now - 500s, now});
}

TEST_CASE_METHOD(AnyStoreTest, "a touch of many rows at once reaches each of them") {
    std::vector<Change> puts, touches;
    for (int i = 0; i < 64; ++i) {
        const std::string name = "n" + std::to_string(i);
        puts.push_back(PutFromAwl{"192.0.2", "example.org", name, now - 900s, now - 800s});
        touches.push_back(TouchFromAwl{"192.0.2", "example.org", name, now});
    }
    remember(puts);
    remember(touches);
    for (int i = 0; i < 64; ++i)
        CHECK(known(triplet("n" + std::to_string(i))).from_awl == Seen{now - 900s, now});
}

TEST_CASE_METHOD(AnyStoreTest, "a touch of a row that has gone meanwhile makes none") {
    remember({TouchFromAwl{"192.0.2", "example.org", "alice", now},
              TouchDomainAwl{"192.0.2", "example.org", now}, greylist::TouchClientAwl{"192.0.2", now}});
    CHECK(tables->rows("from_awl") + tables->rows("domain_awl") + tables->rows("client_awl") == 0);
}

TEST_CASE_METHOD(AnyStoreTest, "the rows of a source are counted when throttling asks for it") {
    remember({first_attempt(triplet("a")), first_attempt(triplet("b")),
              PutFromAwl{"192.0.2", "other.org", "x", now, now}});
    Policy throttling;
    throttling.connect_src_throttle = 5;
    const Triplet t = triplet("c");
    const auto counted = store->look_up(std::span(&t, 1), throttling).known.at(0);
    CHECK(counted.src_connect == 2);
    CHECK(counted.src_from_awl == 1);
    CHECK(counted.src_domain_awl == 0);
    remember(
        {PutDomainAwl{"192.0.2", "third.org", now, now}, PutDomainAwl{"192.0.2", "fourth.org", now, now}});
    CHECK(store->look_up(std::span(&t, 1), throttling).known.at(0).src_domain_awl == 1);
}

TEST_CASE_METHOD(AnyStoreTest, "the rows of a source that has a domain in domain_awl are not counted") {
    remember({first_attempt(triplet("a")), PutFromAwl{"192.0.2", "other.org", "x", now, now},
              PutDomainAwl{"192.0.2", "third.org", now, now}});
    Policy throttling;
    throttling.connect_src_throttle = 5;
    const Triplet t = triplet("c");
    const auto counted = store->look_up(std::span(&t, 1), throttling).known.at(0);
    CHECK(counted.src_domain_awl == 1);
    CHECK(counted.src_connect == 0);
    CHECK(counted.src_from_awl == 0);
    CHECK(known(t).src_domain_awl == 0);
}

TEST_CASE_METHOD(AnyStoreTest,
                 "siblings are counted only where they may bring their domain into domain_awl") {
    remember({first_attempt(triplet()), PutFromAwl{"192.0.2", "example.org", "x", now, now}});
    CHECK(known(triplet()).senders_known == 1);
    Policy alone;
    alone.group_domain_level = 0;
    const Triplet t = triplet();
    const auto facts = store->look_up(std::span(&t, 1), alone).known.at(0);
    CHECK(facts.connect == now);
    CHECK(facts.senders_known == 0);
    CHECK_FALSE(facts.oldest_sender);
}

}  // namespace sqlgrey::store
