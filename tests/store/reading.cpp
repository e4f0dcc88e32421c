// Reading without writing: tables that are there, that an older sqlgrey left, or that are missing.
#include "sqlgrey/store/reading.hpp"

#include "store_fixture.hpp"

#include <filesystem>

namespace sqlgrey::store {

using namespace std::chrono_literals;

TEST_CASE_METHOD(StoreTest, "reading finds what the workers have written, and remembers nothing") {
    remember({first_attempt(triplet()), greylist::PutFromAwl{"192.0.2", "example.org", "carol", now, now}});
    const auto reading = open_to_read(database.target(), &clock);
    CHECK(reading->notes().empty());
    CHECK(reading->has_lists());
    const std::vector<greylist::Triplet> asked{triplet(), triplet("carol"), triplet("dave")};
    const greylist::Facts facts = reading->look_up(asked, policy);
    CHECK(facts.now == now);
    CHECK(facts.known.at(0).connect == now);
    CHECK(facts.known.at(1).from_awl == greylist::Seen{now, now});
    greylist::Known of_dave;
    of_dave.senders_known = 1;
    of_dave.oldest_sender = now;
    CHECK(facts.known.at(2) == of_dave);
    const std::vector<greylist::Change> change{first_attempt(triplet("dave"))};
    CHECK(reading->remember(change).empty());
    CHECK(database.rows("connect") == 1);
}

TEST_CASE_METHOD(StoreTest, "what is behind a row of an auto-whitelist is read, too") {
    remember({first_attempt(triplet()), greylist::PutDomainAwl{"192.0.2", "example.org", now - 1h, now}});
    remember({first_attempt(triplet())});
    greylist::Triplet asked = triplet();
    asked.ask_all = false;
    const auto known = open_to_read(database.target(), &clock)->look_up(std::span(&asked, 1), policy).known;
    CHECK(known.at(0).domain_awl.has_value());
    CHECK(known.at(0).connect == now);
}

TEST_CASE_METHOD(StoreTest, "rows that wait are found by their first attempt") {
    for (int i = 0; i < 5; ++i) remember({first_attempt(triplet("n" + std::to_string(i)), now + i * 1s)});
    const auto reading = open_to_read(database.target(), &clock);
    const auto some = reading->waiting_between(now + 1s, now + 3s, 10);
    REQUIRE(some.size() == 3);
    CHECK(some.front().first_seen == now + 1s);
    CHECK(some.front().triplet.sender_name == "n1");
    CHECK(some.front().triplet.src == "192.0.2");
    CHECK(some.front().triplet.sender_domain == "example.org");
    CHECK(some.front().triplet.rcpt == "bob@example.net");
    CHECK(reading->waiting_between(now, now + 9s, 2).size() == 2);
    CHECK(reading->waiting_between(now + 6s, now + 9s, 10).empty());
}

TEST_CASE("tables that are not there hold nothing, and are not made") {
    TestDatabase database;
    greylist::Policy all_parts;
    all_parts.auto_whitelist_clients = 5;
    all_parts.opt_method = greylist::OptMethod::optin;
    all_parts.connect_src_throttle = 5;
    const greylist::Triplet asked = triplet();
    {
        const auto reading = open_to_read(database.target());
        CHECK(reading->notes().size() == 1);
        CHECK_FALSE(reading->has_lists());
        CHECK(reading->look_up(std::span(&asked, 1), all_parts).known.at(0) == greylist::Known{});
        CHECK(reading->waiting_between(now, now, 1).empty());
    }
    const base::ManualClock clock{now};
    open_store(database.target(), &clock)->remember(std::vector{first_attempt(triplet())});
    for (const char* table : {"client_awl", "optin_domain", "lists"})
        database.sql() << std::string{"drop table "} + table;
    const auto reading = open_to_read(database.target(), &clock);
    CHECK(reading->notes().size() == 2);
    CHECK_FALSE(reading->has_lists());
    CHECK(reading->look_up(std::span(&asked, 1), all_parts).known.at(0).connect == now);
}

TEST_CASE("reading makes no file", "[sqlite]") {
    TestDatabase database;
    Target target = database.target();
    target.name += ".absent";
    const base::ManualClock clock{now};
    const auto reading = open_to_read(target, &clock);
    const greylist::Triplet asked = triplet();
    CHECK(reading->look_up(std::span(&asked, 1), policy).known.at(0) == greylist::Known{});
    CHECK(reading->now() == now);
    CHECK(reading->notes().size() == 1);
    for (const char* end : {"", "-wal", "-shm"}) CHECK_FALSE(std::filesystem::exists(target.name + end));
}

TEST_CASE_METHOD(StoreTest, "reading a file that nobody has open makes nothing beside it", "[sqlite]") {
    remember({first_attempt(triplet())});
    store.reset();
    const std::string file = database.target().name;
    REQUIRE_FALSE(std::filesystem::exists(file + "-shm"));
    const auto reading = open_to_read(database.target(), &clock);
    CHECK(reading->waiting_between(now, now, 1).size() == 1);
    for (const char* end : {"-wal", "-shm"}) CHECK_FALSE(std::filesystem::exists(file + end));
}

}  // namespace sqlgrey::store
