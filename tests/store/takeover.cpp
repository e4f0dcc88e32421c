// A database that SQLgrey 1.8 made is taken over in place with all its rows.
#include "takeover_fixture.hpp"

#include <future>
#include <sstream>

namespace sqlgrey::store {

using greylist::Seen;
using greylist::Triplet;

TEST_CASE_METHOD(TakeOver, "rows of Perl's tables are kept, with their times") {
    connect_row("alice", now - 400s);
    connect_row("alice", now - 300s, "carol@example.net");
    from_row("dave", now - 1000h, now - 10h);
    database.sql() << "insert into domain_awl (sender_domain, src, first_seen, last_seen) values "
                      "('example.com', '192.0.2', " +
                          database.timestamp(now - 900h) + ", " + database.timestamp(now - 5h) + ")";
    database.sql() << "insert into optout_email (email) values ('eve@example.net')";

    const auto store = open_store(database.target(), &clock);
    CHECK(known(*store, "alice").connect == now - 400s);
    CHECK(known(*store, "dave").from_awl == Seen{now - 1000h, now - 10h});
    const Triplet com{"192.0.2", "example.com", "x", "x", "y@example.net"};
    CHECK(store->look_up(std::span(&com, 1), policy).known.at(0).domain_awl == Seen{now - 900h, now - 5h});
    CHECK(database.rows("connect") == 2);
    CHECK(database.rows("optout_email") == 1);
    CHECK(database.text("select value from config where parameter = 'version'") == "3");
    CHECK(database.text("select value from config where parameter = 'last_dbclean'") == "1699999999");
}

TEST_CASE_METHOD(TakeOver, "of duplicates the oldest first_seen that still counts wins") {
    connect_row("both", now - 26h);
    connect_row("both", now - 400s);
    connect_row("both", now - 100s);
    connect_row("stale", now - 30h);
    connect_row("stale", now - 26h);
    connect_row("twin", now - 50s);
    connect_row("twin", now - 50s);
    const auto store = open_store(database.target(), &clock);
    CHECK(known(*store, "both").connect == now - 400s);
    CHECK(known(*store, "stale").connect == now - 26h);
    CHECK(known(*store, "twin").connect == now - 50s);
    CHECK(database.rows("connect") == 3);
}

TEST_CASE_METHOD(TakeOver, "what counts is a matter of max_connect_age") {
    connect_row("both", now - 26h);
    connect_row("both", now - 400s);
    Target target = database.target();
    target.max_connect_age = 48h;
    CHECK(known(*open_store(target, &clock), "both").connect == now - 26h);
}

TEST_CASE_METHOD(TakeOver, "senders that differ in case or accent are two from then on") {
    connect_row("anna", now - 400s);
    from_row("anna", now - 10h, now - 1h);
    const auto store = open_store(database.target(), &clock);
    CHECK_FALSE(known(*store, "ANNA").connect);
    CHECK_FALSE(known(*store, "ANNA").from_awl);
    CHECK_FALSE(known(*store, "\xc3\xa4nna").from_awl);
    CHECK(known(*store, "anna").from_awl);
}

TEST_CASE_METHOD(TakeOver, "a plain INSERT and the LIKE of a Perl daemon beside us still work") {
    const auto store = open_store(database.target(), &clock);
    connect_row("new", now);
    CHECK(known(*store, "new").connect == now);
    database.sql() << "delete from connect where src = '192.0.2' and sender_domain = 'example.org' and "
                      "sender_name like 'n%'";
    CHECK_FALSE(known(*store, "new").connect);
}

TEST_CASE_METHOD(TakeOver, "migrations that were cut off are run again to the same end") {
    connect_row("alice", now - 400s);
    connect_row("alice", now - 300s);
    { open_store(database.target(), &clock); }
    // As if it had been cut off after the last step, before the level was written.
    if (database_under_test() == Database::mysql)
        database.sql() << "update config set value = '1' where parameter = 'sqlgrey_schema'";
    const auto store = open_store(database.target(), &clock);
    CHECK(known(*store, "alice").connect == now - 400s);
    CHECK(database.rows("connect") == 1);
}

TEST_CASE_METHOD(TakeOver, "tables older than version 3 are refused with what to do") {
    database.sql() << "update config set value = '2' where parameter = 'version'";
    try {
        open_store(database.target(), &clock);
        FAIL("opened");
    } catch (const greylist::StoreError& error) {
        CHECK(error.fault() == greylist::StoreError::Fault::schema);
        CHECK_THAT(error.what(),
                   Catch::Contains("version 2") && Catch::Contains("start SQLgrey 1.8 on them once"));
    }
}

TEST_CASE("daemons that start at once on an empty database make one schema") {
    TestDatabase database;
    std::vector<std::future<std::unique_ptr<greylist::Store>>> openings;
    for (int i = 0; i < 8; ++i)
        openings.push_back(std::async(std::launch::async, [&] { return open_store(database.target()); }));
    for (auto& opening : openings) CHECK_NOTHROW(opening.get());
    CHECK(database.number("select count(*) from config where parameter = 'version'") == 1);
    CHECK(database.rows("connect") == 0);
}

TEST_CASE_METHOD(TakeOver, "daemons that start at once on Perl's tables migrate them once") {
    for (int i = 0; i < 100; ++i) connect_row("n" + std::to_string(i % 50), now - std::chrono::seconds(i));
    std::vector<std::future<std::unique_ptr<greylist::Store>>> openings;
    for (int i = 0; i < 8; ++i)
        openings.push_back(
            std::async(std::launch::async, [&] { return open_store(database.target(), &clock); }));
    for (auto& opening : openings) CHECK_NOTHROW(opening.get());
    CHECK(database.rows("connect") == 50);
}

TEST_CASE("a time that lies ahead is read as it is") {
    TestDatabase database;
    const auto store = open_store(database.target());
    const Triplet t{"192.0.2", "example.org", "alice", "alice", "bob@example.net"};
    // At noon, because the hour that comes twice is at night.
    const base::Time ahead =
        std::chrono::floor<std::chrono::days>(base::SystemClock{}.now()) + 40 * 24h + 12h;
    const std::vector<greylist::Change> row{greylist::PutDomainAwl{"192.0.2", "example.org", ahead, ahead}};
    store->remember(row);
    CHECK(store->look_up(std::span(&t, 1), policy).known.at(0).domain_awl == greylist::Seen{ahead, ahead});
}

// The other databases do not store local time.
TEST_CASE("in the hour that comes twice at the end of summer time a row keeps its age", "[postgresql]") {
    TestDatabase database;
    // A zone whose summer time, one hour ahead of UTC, ended half an hour ago.
    const base::Time real_now = base::SystemClock{}.now();
    const base::Time change = real_now - 30min + 1h;  // in summer time
    const auto day = std::chrono::floor<std::chrono::days>(change);
    const std::chrono::year_month_day date{day};
    const auto of_year = day - std::chrono::sys_days{date.year() / 1 / 1};
    const bool leap_day_passed = date.year().is_leap() && of_year.count() >= 59;
    const std::string zone = "WIN0SUM-1,J1/0,J" + std::to_string(of_year.count() + 1 - leap_day_passed) +
                             "/" + base::hh_mm_ss(change - day);
    database.sql() << "alter role current_user in database " + database.target().name + " set timezone = '" +
                          zone + "'";
    database.sql() << "set timezone = '" + zone + "'";
    const auto store = open_store(database.target());
    const Triplet before{"192.0.2", "example.org", "before", "before", "bob@example.net"};
    const Triplet after{"192.0.2", "example.org", "after", "after", "bob@example.net"};
    const std::vector<greylist::Change> rows{greylist::PutConnect{before, real_now - 40min, real_now - 24h},
                                             greylist::PutConnect{after, real_now - 5min, real_now - 24h}};
    store->remember(rows);
    const std::vector<Triplet> both{before, after};
    const greylist::Facts facts = store->look_up(both, policy);
    database.sql() << "alter role current_user in database " + database.target().name + " reset timezone";
    CHECK(facts.known.at(0).connect == real_now - 40min);
    CHECK(facts.known.at(1).connect == real_now - 5min);
}

TEST_CASE("the schema as text makes the tables") {
    std::string text = schema_text(database_under_test());
    CHECK_THAT(text, Catch::Contains("create table") && Catch::Contains("domain_awl") &&
                         Catch::Contains("create table connect"));
    CHECK_THAT(text, Catch::Contains("('sqlgrey_schema', '"));

    TestDatabase database;
    for (std::size_t end = 0; (end = text.find(";\n")) != std::string::npos; text.erase(0, end + 2)) {
        std::istringstream lines(text.substr(0, end));
        std::string statement;
        for (std::string line; std::getline(lines, line);)
            if (!line.starts_with("--")) statement += line + "\n";
        database.sql() << statement;
    }
    SchemaReport report;
    open_store(database.target(), nullptr, {.schema = [&](const SchemaReport& told) { report = told; }});
    CHECK(report.empty());
}

}  // namespace sqlgrey::store
