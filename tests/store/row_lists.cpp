// Statements over lists of rows, which each database takes in its own way.
#include "store_fixture.hpp"

namespace sqlgrey::store {

using namespace std::chrono_literals;
using greylist::Change;
using greylist::Facts;
using greylist::PutFromAwl;
using greylist::Seen;
using greylist::TouchFromAwl;
using greylist::Triplet;

TEST_CASE_METHOD(StoreTest, "touches and puts of any number reach each row once") {
    for (const std::size_t size : {1u, 2u, 3u, 33u, 64u, 100u}) {
        std::vector<Change> puts, rows, touches;
        for (std::size_t i = 0; i < size; ++i) {
            const std::string name = "n" + std::to_string(size) + "-" + std::to_string(i);
            puts.push_back(first_attempt(triplet(name)));
            rows.push_back(PutFromAwl{"192.0.2", "example.com", name, now - 900s, now - 800s});
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
        rows.push_back(PutFromAwl{"192.0.2", "example.org", name, now - 900s, now - 800s});
    remember(rows);
    remember(touches);
    for (const std::string& name : names) CHECK(known(triplet(name)).from_awl == Seen{now - 900s, now});
}

// A server may derive the types of a prepared statement's parameters from the values of its first run.
TEST_CASE_METHOD(StoreTest, "the texts of a list of rows may be longer than those of the list before") {
    for (const std::size_t size : {1, 4, 12, 30})
        for (const std::size_t length : {0, 1, 30, 62, 2}) {
            CAPTURE(size, length);
            const std::string filling(length, static_cast<char>('a' + size % 7));
            std::vector<Triplet> batch;
            std::vector<Change> attempts, passes;
            for (std::size_t i = 0; i < size; ++i) {
                batch.push_back(triplet(filling + std::to_string(10 + i), filling + filling));
                attempts.push_back(first_attempt(batch.back(), now));
                passes.push_back(PutFromAwl{"192.0.2", "example.org", batch.back().deverped, now, now});
            }
            remember(attempts);
            for (const greylist::Known& one : store->look_up(batch, policy).known) CHECK(one.connect == now);
            remember(passes);
            for (const greylist::Known& one : store->look_up(batch, policy).known)
                CHECK(one.from_awl == Seen{now, now});
        }
}

}  // namespace sqlgrey::store
