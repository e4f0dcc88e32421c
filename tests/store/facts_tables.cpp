// The tables of facts: cleaned, read by others, missing, or another program's.
#include "facts_fixture.hpp"
#include "sqlgrey/store/administration.hpp"
#include "sqlgrey/store/cleaning.hpp"
#include "sqlgrey/store/reading.hpp"

namespace sqlgrey::store {

using namespace std::chrono_literals;

TEST_CASE_METHOD(FactsTest, "facts: hashes of privacy_key_file are keys like others") {
    const FactSubject hashed{std::string(32, 'a'), std::string(32, 'b')};
    CHECK(claim({hashed}) == std::vector{true});
    write({{hashed, "spf", "pass", now + 1h}, {{hashed.client, ""}, "dnswl l.example", "low", now + 1h}},
          {{hashed.domain, {range("192.0.2.0", "192.0.2.255")}, now + 1h}});
    const ClientFacts found = known_of({hashed, key_of("192.0.2.1")});
    CHECK(found.spf == spf::Verdict::pass);
    CHECK(found.dnswl == greylist::Trust::low);
    CHECK(found.spf_covers);
}

TEST_CASE_METHOD(FactsTest, "facts: expired rows are cleaned away, the others stay") {
    std::vector<Fact> rows;
    std::vector<AddressRange> ranges;
    for (int i = 0; i < 250; ++i) {
        rows.push_back({{"c" + std::to_string(i), ""}, "asked", "done", now - 1h + i * 1s});
        ranges.push_back(range("10.0.0." + std::to_string(i), "10.0.0." + std::to_string(i)));
    }
    rows.push_back({of_client, "asked", "done", now});
    write(rows, {{"example.org", ranges, now - 1s}, {"example.com", ranges, now}});
    const auto cleaning = open_cleaning(database.target(), &clock);
    for (const auto& [table, expected] :
         {std::pair{greylist::AwlTable::fact, 250}, {greylist::AwlTable::spf_network, 250}}) {
        std::int64_t gone = 0;
        while (const std::int64_t slice = cleaning->expire(table, 0s)) gone += slice;
        CHECK(gone == expected);
    }
    CHECK(database.rows("fact") == 1);
    CHECK(database.rows("spf_network") == 250);
}

TEST_CASE("facts: without their tables nothing is known, and everything else works") {
    TestDatabase database;
    base::ManualClock clock{now};
    const auto store = open_store(database.target(), &clock);
    for (const char* table : {"fact", "spf_network"}) database.sql() << "drop table " << table;
    const FactQuestion asked = question("192.0.2.1");
    const greylist::Triplet t = triplet();
    CHECK(store->look_up_facts(std::span(&asked, 1)).at(0) == ClientFacts{});
    const std::vector change{first_attempt(t)};
    CHECK(store->remember(change).empty());
    CHECK(store->look_up(std::span(&t, 1), policy).known.at(0).connect == now);
    CHECK(open_store(database.target(), &clock)->look_up_facts(std::span(&asked, 1)).at(0) == ClientFacts{});
    const auto cleaning = open_cleaning(database.target(), &clock);
    CHECK(cleaning->claim(1800s));
    CHECK(cleaning->expire(greylist::AwlTable::fact, 0s) == 0);
    CHECK(cleaning->expire(greylist::AwlTable::spf_network, 0s) == 0);
    CHECK(open_to_read(database.target(), &clock)->look_up_facts(std::span(&asked, 1)).at(0) ==
          ClientFacts{});
    const std::vector<FactSubject> subjects{of_client};
    CHECK(open_facts(database.target(), &clock)->claim(subjects, 10s).won.at(0));
    CHECK(database.rows("fact") == 1);
}

TEST_CASE("facts: whoever comes first to an empty database makes all tables") {
    TestDatabase database;
    const std::vector<FactSubject> subjects{of_client};
    CHECK(open_facts(database.target())->claim(subjects, 10s).won.at(0));
    CHECK(database.rows("connect") == 0);
}

TEST_CASE("facts: another program's table of that name is left alone, and everything else works") {
    TestDatabase database;
    base::ManualClock clock{now};
    database.sql() << "create table fact (id integer primary key, note varchar(20))";
    database.sql() << "insert into fact (id, note) values (1, 'theirs')";
    const auto store = open_store(database.target(), &clock);
    const FactQuestion asked = question("192.0.2.1");
    const std::vector change{first_attempt(triplet())};
    CHECK(store->remember(change).empty());
    CHECK(store->look_up_facts(std::span(&asked, 1)).at(0) == ClientFacts{});
    CHECK(open_to_read(database.target(), &clock)->look_up_facts(std::span(&asked, 1)).at(0) ==
          ClientFacts{});
    const auto cleaning = open_cleaning(database.target(), &clock);
    CHECK(cleaning->claim(1800s));
    CHECK(cleaning->expire(greylist::AwlTable::fact, 0s) == 0);
    CHECK_THROWS_WITH(
        open_facts(database.target(), &clock),
        Catch::Contains("table fact has no column client") && Catch::Contains("put the table aside"));
    const auto tables = open_administration(database.target(), AdministrationMode::change);
    CHECK_FALSE(tables->has(TableName::fact));
    CHECK(tables->has(TableName::connect));
    CHECK(tables->waiting() == 1);
    CHECK(database.text("select note from fact") == "theirs");
}

TEST_CASE_METHOD(FactsTest, "facts: who only reads the tables finds them too") {
    write({{of_both, "spf", "pass", now + 1h}},
          {{"example.org", {range("192.0.2.0", "192.0.2.255")}, now + 1h}});
    const FactQuestion asked = question("192.0.2.1");
    const ClientFacts found =
        open_to_read(database.target(), &clock)->look_up_facts(std::span(&asked, 1)).at(0);
    CHECK(found.spf == spf::Verdict::pass);
    CHECK(found.spf_covers);
}

TEST_CASE("facts: the database's clock counts if no other is given") {
    TestDatabase database;
    const auto store = open_store(database.target());
    const auto facts = open_facts(database.target());
    const std::vector<FactSubject> subjects{of_both};
    const base::Time there = facts->claim(subjects, 100s).now;
    CHECK(std::chrono::abs(there - base::SystemClock{}.now()) < 60s);
    const std::vector<Fact> rows{{of_both, "spf", "pass", there + 1h},
                                 {of_client, "p0f_os", "Linux", there - 1s}};
    facts->write(rows, {});
    const FactQuestion asked = question("192.0.2.1");
    CHECK(store->look_up_facts(std::span(&asked, 1)).at(0).spf == spf::Verdict::pass);
    CHECK(store->look_up_facts(std::span(&asked, 1)).at(0).p0f_os.empty());
    CHECK_FALSE(facts->claim(subjects, 100s).won.at(0));
}

}  // namespace sqlgrey::store
