// What every store does, whatever the database.
#include "database.hpp"

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

namespace {

const base::Time now = base::at(1'700'000'000);
const Policy policy{};

Triplet triplet(const std::string& name = "alice", const std::string& rcpt = "bob@example.net") {
    return {"192.0.2", "example.org", name, name, rcpt};
}

Change first_attempt(const Triplet& t, base::Time when = now) {
    return PutConnect{t, when, when - 24h, false};
}

struct StoreTest {
    TestDatabase database;
    base::ManualClock clock{now};
    std::unique_ptr<SqlStore> store = open_store(database.target(), &clock);

    greylist::Known known(const Triplet& t) { return store->look_up(std::span(&t, 1), policy).known.at(0); }
    void remember(std::vector<Change> changes) { store->remember(changes); }
};

}  // namespace

TEST_CASE_METHOD(StoreTest, "of an unknown triplet nothing is known") {
    const Triplet t = triplet();
    const Facts facts = store->look_up(std::span(&t, 1), policy);
    CHECK(facts.now == now);
    CHECK(facts.known.at(0) == greylist::Known{});
}

TEST_CASE_METHOD(StoreTest, "a first attempt is known from then on, and only that triplet") {
    remember({first_attempt(triplet())});
    CHECK(known(triplet()).connect == now);
    CHECK_FALSE(known(triplet("alice", "carol@example.net")).connect);
    CHECK_FALSE(known(triplet("alicia")).connect);
    CHECK(database.rows("connect") == 1);
}

TEST_CASE_METHOD(StoreTest, "a second first attempt, by whomever, leaves the older first_seen and one row") {
    remember({first_attempt(triplet())});
    remember({first_attempt(triplet(), now + 10s)});
    CHECK(known(triplet()).connect == now);
    CHECK(database.rows("connect") == 1);
}

TEST_CASE_METHOD(StoreTest, "a client's passes count once an hour, and are known only to who asks for them") {
    using greylist::CountPass;
    using greylist::Passes;
    Policy counting;
    counting.auto_whitelist_clients = 5;
    const Triplet t = triplet();
    const auto passes = [&] { return store->look_up(std::span(&t, 1), counting).known.at(0).client_awl; };
    CHECK_FALSE(passes());
    remember({CountPass{t.src, now, now - 24h}});
    remember({CountPass{t.src, now + 59min, now - 23h}, CountPass{t.src, now + 59min, now - 23h}});
    CHECK(passes() == Passes{1, now, now + 59min});
    remember({CountPass{t.src, now + 60min, now - 23h}});
    CHECK(passes() == Passes{2, now + 60min, now + 60min});
    remember({greylist::TouchClientAwl{t.src, now + 2h}});
    CHECK(passes() == Passes{2, now + 60min, now + 2h});
    remember({CountPass{t.src, now + 48h, now + 24h}});  // not seen for longer than it counts
    CHECK(passes() == Passes{1, now + 48h, now + 48h});
    CHECK_FALSE(known(t).client_awl);
}

TEST_CASE_METHOD(StoreTest, "the opt tables are looked up with the batch") {
    Policy asking;
    asking.opt_method = greylist::OptMethod::optin;
    for (const char* insert :
         {"insert into optin_domain(domain) values ('example.net')",
          "insert into optin_email(email) values ('a@b')", "insert into optout_domain(domain) values ('b')",
          "insert into optout_email(email) values ('bob@example.net')"})
        database.sql() << insert;
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

TEST_CASE_METHOD(StoreTest, "a row that no longer counts starts again") {
    remember({first_attempt(triplet(), now - 25h)});
    remember({first_attempt(triplet(), now)});
    CHECK(known(triplet()).connect == now);
    CHECK(database.rows("connect") == 1);
}

TEST_CASE_METHOD(StoreTest, "a batch of any size up to 64 is looked up and remembered in order") {
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

TEST_CASE_METHOD(StoreTest, "touches and puts of any number reach each row once") {
    for (const std::size_t size : {1u, 2u, 3u, 33u, 64u, 100u}) {
        std::vector<Change> puts, rows, touches;
        for (std::size_t i = 0; i < size; ++i) {
            const std::string name = "n" + std::to_string(size) + "-" + std::to_string(i);
            puts.push_back(first_attempt(triplet(name)));
            rows.push_back(PutFromAwl{"192.0.2", "example.com", name, now - 900s, now - 800s, false});
            touches.push_back(TouchFromAwl{"192.0.2", "example.com", name, now + std::chrono::seconds(size)});
        }
        remember(puts);
        remember(rows);
        remember(touches);
        CAPTURE(size);
        const std::string of_size = " like 'n" + std::to_string(size) + "-%'";
        const auto count = [&](const std::string& what) {
            return database.number("select count(*) from " + what + " and sender_name" + of_size);
        };
        CHECK(count("connect where src = '192.0.2'") == static_cast<long long>(size));
        CHECK(count("from_awl where last_seen = " + database.timestamp(now + std::chrono::seconds(size))) ==
              static_cast<long long>(size));
    }
}

TEST_CASE_METHOD(StoreTest, "a list of rows takes any text as it is") {
    const std::vector<std::string> names{
        "",    "NULL",  "null", "\"",          "\\",     "\\\"",     "{a,b}", "}",          "{",
        ",",   "a,b",   "'",    "''",          "a b",    ":p0",      "$1",    "%",          "--",
        "\\N", "\\x00", "(a)",  "\"a\",\"b\"", "x\\\\y", "\xc3\xa9", "@a;",   "[1:2]={a,b}"};
    std::vector<Triplet> batch;
    std::vector<Change> puts, touches;
    for (const std::string& name : names) {
        batch.push_back(triplet(name, name));
        puts.push_back(first_attempt(batch.back(), now - std::chrono::seconds(batch.size())));
        touches.push_back(TouchFromAwl{"192.0.2", "example.org", name, now});
    }
    remember(puts);
    const Facts facts = store->look_up(batch, policy);
    for (std::size_t i = 0; i < names.size(); ++i) {
        CAPTURE(names[i]);
        CHECK(facts.known[i].connect == now - std::chrono::seconds(i + 1));
    }
    std::vector<Change> rows;
    for (const std::string& name : names)
        rows.push_back(PutFromAwl{"192.0.2", "example.org", name, now - 900s, now - 800s, false});
    remember(rows);
    remember(touches);
    for (const std::string& name : names) CHECK(known(triplet(name)).from_awl == Seen{now - 900s, now});
}

TEST_CASE_METHOD(StoreTest, "the same triplet twice in a batch is one row") {
    remember({first_attempt(triplet()), first_attempt(triplet())});
    CHECK(database.rows("connect") == 1);
    const std::vector<Triplet> twice{triplet(), triplet()};
    const Facts facts = store->look_up(twice, policy);
    CHECK(facts.known.at(0) == facts.known.at(1));
}

TEST_CASE_METHOD(StoreTest, "an accepted sender has a from_awl row and no connect rows that it stands for") {
    Triplet verp = triplet("bounce-17");
    verp.deverped = "bounce-#";
    Triplet sibling = triplet("bounce-18", "carol@example.net");
    sibling.deverped = "bounce-#";
    remember({first_attempt(verp), first_attempt(sibling), first_attempt(triplet("bounce"))});
    remember({PutFromAwl{verp.src, verp.sender_domain, verp.deverped, now - 400s, now, false}});

    CHECK(known(verp).from_awl == Seen{now - 400s, now});
    CHECK(known(sibling).from_awl == Seen{now - 400s, now});
    CHECK(known(triplet("bounce")).connect == now);
    CHECK(database.rows("connect") == 1);
}

TEST_CASE_METHOD(StoreTest, "wildcards of any database in a name stand for themselves") {
    for (const std::string name :
         {"a_c", "a%c", "a*c", "a?c", "a[b]c", "a!c", "a\\c", "a'c", "a:p0", "a\"c"}) {
        const Triplet victim = triplet("abc");
        remember({first_attempt(victim), first_attempt(triplet(name))});
        remember({PutFromAwl{"192.0.2", "example.org", name, now, now, false}});
        CAPTURE(name);
        CHECK(known(victim).connect == now);
        CHECK_FALSE(known(triplet(name)).connect);
        CHECK(known(triplet(name)).from_awl == Seen{now, now});
    }
}

TEST_CASE_METHOD(StoreTest, "letter case is told apart, in keys and in patterns") {
    remember({first_attempt(triplet("list-rcpt"))});
    CHECK_FALSE(known(triplet("LIST-rcpt")).connect);
    remember({PutFromAwl{"192.0.2", "example.org", "list-RCPT", now, now, false}});
    CHECK(known(triplet("list-rcpt")).connect == now);
}

TEST_CASE_METHOD(StoreTest, "texts that only a byte tells apart are two, and accents are not letters") {
    const std::vector<std::string> names{"e", "\xc3\xa9", "\xc3\x89", "ss", "\xc3\x9f", "a b", "a  b"};
    for (const std::string& name : names) remember({first_attempt(triplet(name))});
    CHECK(database.rows("connect") == static_cast<long long>(names.size()));
    for (const std::string& name : names) CHECK(known(triplet(name)).connect == now);
}

TEST_CASE_METHOD(StoreTest, "what is asked of a triplet in connect includes its from_awl siblings") {
    remember({PutFromAwl{"192.0.2", "example.org", "x", now - 500s, now, false},
              PutFromAwl{"192.0.2", "example.org", "y", now - 700s, now, false},
              PutFromAwl{"192.0.2", "example.com", "z", now - 900s, now, false}, first_attempt(triplet())});
    CHECK(known(triplet()).siblings == 2);
    CHECK(known(triplet()).oldest_sibling == now - 700s);
}

TEST_CASE_METHOD(StoreTest,
                 "a promoted domain has one row, its from_awl and connect rows are gone, others stay") {
    Triplet elsewhere = triplet();
    elsewhere.src = "198.51.100";
    remember({PutFromAwl{"192.0.2", "example.org", "x", now - 500s, now, false},
              PutFromAwl{"198.51.100", "example.org", "x", now - 500s, now, false}, first_attempt(triplet()),
              first_attempt(elsewhere)});
    remember({PutDomainAwl{"192.0.2", "example.org", now - 500s, now}});
    CHECK(known(triplet("anyone")).domain_awl == Seen{now - 500s, now});
    CHECK(database.rows("domain_awl") == 1);
    CHECK(database.rows("from_awl") == 1);
    CHECK(database.rows("connect") == 1);
    CHECK(known(elsewhere).connect == now);

    SECTION("promoted again, it is still one row") {
        remember({PutDomainAwl{"192.0.2", "example.org", now - 500s, now + 1s}});
        CHECK(database.rows("domain_awl") == 1);
    }
}

TEST_CASE_METHOD(StoreTest, "a touch moves last_seen and nothing else") {
    remember({PutFromAwl{"192.0.2", "example.org", "alice", now - 500s, now - 400s, false},
              PutFromAwl{"192.0.2", "example.org", "bert", now - 500s, now - 400s, false},
              PutDomainAwl{"192.0.2", "example.com", now - 500s, now - 400s}});
    remember({TouchFromAwl{"192.0.2", "example.org", "alice", now},
              TouchDomainAwl{"192.0.2", "example.com", now}});
    CHECK(known(triplet()).from_awl == Seen{now - 500s, now});
    CHECK(known(triplet("bert")).from_awl == Seen{now - 500s, now - 400s});
    Triplet com = triplet();
    com.sender_domain = "example.com";
    CHECK(known(com).domain_awl == Seen{now - 500s, now});
}

TEST_CASE_METHOD(StoreTest, "a touch of many rows at once reaches each of them") {
    std::vector<Change> puts, touches;
    for (int i = 0; i < 64; ++i) {
        const std::string name = "n" + std::to_string(i);
        puts.push_back(PutFromAwl{"192.0.2", "example.org", name, now - 900s, now - 800s, false});
        touches.push_back(TouchFromAwl{"192.0.2", "example.org", name, now});
    }
    remember(puts);
    remember(touches);
    CHECK(database.number("select count(*) from from_awl where last_seen = " + database.timestamp(now)) ==
          64);
}

TEST_CASE_METHOD(StoreTest, "an auto-white-list row that has expired hides nothing behind it") {
    const base::Time expired = now - policy.awl_age;
    const auto known = [&](bool ask_all) {
        Triplet t = triplet();
        t.ask_all = ask_all;
        return store->look_up(std::span(&t, 1), policy).known.at(0);
    };
    remember({PutFromAwl{"192.0.2", "example.org", "sibling", now - 500s, now, false}});
    SECTION("a row of from_awl") {
        remember({PutFromAwl{"192.0.2", "example.org", "alice", now - 900s, expired, false}});
        CHECK(known(false).from_awl == Seen{now - 900s, expired});
        remember({first_attempt(triplet())});
        CHECK(known(false).connect == now);
        CHECK(known(false).siblings == 2);
        CHECK(known(false).oldest_sibling == now - 900s);
    }
    SECTION("a row of domain_awl") {
        remember({PutDomainAwl{"192.0.2", "example.org", now - 900s, expired}});
        remember({first_attempt(triplet())});
        CHECK(known(false).domain_awl == Seen{now - 900s, expired});
        CHECK(known(false).connect == now);
        remember({PutFromAwl{"192.0.2", "example.org", "alice", now - 900s, now, false}});
        CHECK(known(false).from_awl == Seen{now - 900s, now});
    }
    CHECK(known(false) == known(true));
}

TEST_CASE_METHOD(StoreTest,
                 "who asks for all gets what is behind an auto-white-list row that lets the sender pass") {
    remember({PutDomainAwl{"192.0.2", "example.org", now - 900s, now}});
    remember({PutFromAwl{"192.0.2", "example.org", "alice", now - 900s, now, false}});
    remember({first_attempt(triplet())});
    Triplet other = triplet("bert");
    other.ask_all = false;
    const std::vector<Triplet> batch{other, triplet()};
    const auto known = store->look_up(batch, policy).known;
    CHECK(known.at(0).domain_awl == Seen{now - 900s, now});
    CHECK(known.at(1).domain_awl == Seen{now - 900s, now});
    CHECK(known.at(1).from_awl == Seen{now - 900s, now});
    CHECK(known.at(1).connect == now);
    CHECK(known.at(1).siblings == 1);
}

TEST_CASE_METHOD(StoreTest, "the decision is the same whether all is asked for or only what it may need") {
    Policy all = policy;
    all.connect_src_throttle = 3;
    all.auto_whitelist_clients = 2;
    all.opt_method = greylist::OptMethod::optout;
    database.sql() << "insert into optout_email(email) values ('1@example.net')";
    const std::vector<base::Time> ages{now - 90s, now - all.awl_age, now - all.awl_age + 1s};
    std::vector<Triplet> triplets;
    std::vector<Change> rows, connects;
    for (int i = 0; i < 64; ++i) {  // of each table no row, one that is alive, one that has expired
        Triplet t = triplet("n" + std::to_string(i), std::to_string(i % 7) + "@example.net");
        t.src = "192.0." + std::to_string(i);
        t.opt_email = t.rcpt;
        t.opt_domain = "example.net";
        t.ask_all = false;
        triplets.push_back(t);
        if (const auto age = i / 16; age < 3)
            rows.push_back(PutDomainAwl{t.src, t.sender_domain, now - 900h, ages[age]});
        if (const auto age = i / 4 % 4; age < 3)
            rows.push_back(PutFromAwl{t.src, t.sender_domain, t.deverped, now - 900h, ages[age], false});
        if (const auto age = i % 4; age < 3)
            connects.push_back(first_attempt(t, std::vector{now, now - 600s, now - 25h}[age]));
        if (i % 5 == 0) rows.push_back(greylist::CountPass{t.src, now - 2h, now - 24h});
        if (i % 10 == 0) rows.push_back(greylist::CountPass{t.src, now - 1h, now - 24h});
    }
    remember(rows);
    remember(connects);
    for (const Policy& asking : {policy, all})
        for (const std::size_t size : {1u, 2u, 3u, 33u, 64u})
            for (std::size_t first = 0; first + size <= triplets.size(); first += size) {
                std::vector<Triplet> batch(triplets.begin() + static_cast<long>(first),
                                           triplets.begin() + static_cast<long>(first + size));
                const Facts some = store->look_up(batch, asking);
                for (Triplet& t : batch) t.ask_all = true;
                const Facts whole = store->look_up(batch, asking);
                for (std::size_t i = 0; i < size; ++i) {
                    const Triplet& t = triplets[first + i];
                    const auto one = greylist::decide(t, some.known[i], some.now, asking);
                    const auto two = greylist::decide(t, whole.known[i], whole.now, asking);
                    CAPTURE(t, size);
                    CHECK(one.verdict == two.verdict);
                    CHECK((one.change == two.change && one.pass == two.pass));
                    CHECK(one.waited == two.waited);
                    CHECK(one.left == two.left);
                    CHECK(some.known[i].opted == whole.known[i].opted);
                }
            }
}

TEST_CASE_METHOD(StoreTest, "the rows of a source are counted when throttling asks for it") {
    remember({first_attempt(triplet("a")), first_attempt(triplet("b")),
              PutFromAwl{"192.0.2", "other.org", "x", now, now, false},
              PutDomainAwl{"192.0.2", "third.org", now, now}});
    Policy throttling;
    throttling.connect_src_throttle = 5;
    const Triplet t = triplet("c");
    const auto counted = store->look_up(std::span(&t, 1), throttling).known.at(0);
    CHECK(counted.src_connect == 2);
    CHECK(counted.src_from_awl == 1);
    CHECK(counted.src_domain_awl == 1);
}

TEST_CASE_METHOD(StoreTest, "one statement leaves nothing locked for another session") {
    remember({first_attempt(triplet())});
    static_cast<void>(known(triplet()));
    database.sql() << "insert into config (parameter, value) values ('test', 'x')";
    CHECK(database.text("select value from config where parameter = 'test'") == "x");
}

TEST_CASE_METHOD(StoreTest, "no visit leaves a transaction open") {
    remember({first_attempt(triplet())});
    static_cast<void>(known(triplet()));
    CHECK(store->claim(1800s));
    const auto& sql = database_under_test();
    if (sql == Database::sqlite) CHECK(database.number("pragma wal_checkpoint(truncate)") == 0);  // busy
    if (sql == Database::postgresql)
        CHECK(database.number(
                  "select count(*) from pg_stat_activity where state like 'idle in transaction%'") == 0);
    if (sql == Database::mysql)
        CHECK(database.number("select count(*) from information_schema.innodb_trx") == 0);
}

TEST_CASE("two stores on one database see each other's rows at once") {
    TestDatabase database;
    const auto one = open_store(database.target());
    const auto two = open_store(database.target());
    const Triplet t = triplet();
    const base::Time first = one->look_up(std::span(&t, 1), policy).now;
    const std::vector<Change> change{PutConnect{t, first, first - 24h, false}};
    one->remember(change);
    CHECK(two->look_up(std::span(&t, 1), policy).known.at(0).connect == first);
}

TEST_CASE("the database's clock rules if no other is given") {
    TestDatabase database;
    const auto store = open_store(database.target());
    const Triplet t = triplet();
    const base::Time here = base::SystemClock{}.now();
    const base::Time there = store->look_up(std::span(&t, 1), policy).now;
    CHECK(std::chrono::abs(here - there) < 60s);
}

}  // namespace sqlgrey::store
