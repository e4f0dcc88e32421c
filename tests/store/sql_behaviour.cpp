// What a store does on every database, where the test needs SQL to see it.
#include "sqlgrey/store/cleaning.hpp"
#include "store_fixture.hpp"

namespace sqlgrey::store {

using namespace std::chrono_literals;
using greylist::Change;
using greylist::PutConnect;
using greylist::PutDomainAwl;
using greylist::PutFromAwl;
using greylist::Triplet;

TEST_CASE_METHOD(StoreTest,
                 "of very many rows of a sender or a domain that is accepted some stay, and hide") {
    constexpr int many = 10'007;  // a promotion deletes 10,000 at most (most_forgotten)
    for (const bool whole_domain : {false, true}) {
        CAPTURE(whole_domain);
        std::vector<greylist::Change> attempts;
        for (int i = 0; i < many; ++i)
            attempts.push_back(first_attempt(triplet("spam", "r" + std::to_string(i) + "@example.net")));
        remember(attempts);
        REQUIRE(database.rows("connect") == many);
        if (whole_domain)
            remember({PutDomainAwl{"192.0.2", "example.org", now, now}});
        else
            remember({PutFromAwl{"192.0.2", "example.org", "spam", now, now}});
        CHECK(database.rows("connect") == many - 10'000);
        const auto found = known(triplet("spam", "r1@example.net"));
        CHECK((found.domain_awl || found.from_awl));
        CHECK_FALSE(found.connect);
        database.sql() << "delete from connect";
        database.sql() << "delete from from_awl";
    }
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
    CHECK(open_cleaning(database.target(), &clock)->claim(1800s));
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
    const std::vector<Change> change{PutConnect{t, first, first - 24h}};
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
