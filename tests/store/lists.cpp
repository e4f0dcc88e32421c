// The table `lists`, as lists::LiveLists reads it.
#include "database.hpp"
#include "sqlgrey/store/list_rows.hpp"

#include <algorithm>

namespace sqlgrey::store {
namespace {

using namespace std::chrono_literals;

struct ListsTest {
    TestDatabase database;
    std::unique_ptr<greylist::Store> migrated = open_store(database.target());
    std::unique_ptr<lists::Rows> rows = list_rows(database.target());

    void insert(const std::string& list, const std::string& entry, const std::string& expires_at = "null") {
        database.sql() << "insert into lists (list, entry, reason, expires_at) values ('" << list << "', '"
                       << entry << "', 'because', " << expires_at << ")";
    }
    std::string at(base::Seconds from_now) {
        return database.timestamp(base::SystemClock{}.now() + from_now);
    }
    std::vector<std::string> entries() {
        std::vector<std::string> found;
        for (const lists::Row& row : rows->read()) found.push_back(row.list + " " + row.entry);
        return found;
    }
};

}  // namespace

TEST_CASE_METHOD(ListsTest, "rows are read as they are now") {
    CHECK(entries().empty());
    insert("whitelist_clients", "192.0.2.0/24");
    insert("blacklist_senders", "@example.org");
    CHECK(entries() ==
          std::vector<std::string>{"whitelist_clients 192.0.2.0/24", "blacklist_senders @example.org"});
    database.sql() << "update lists set entry = '198.51.100.0/24' where list = 'whitelist_clients'";
    database.sql() << "delete from lists where list = 'blacklist_senders'";
    CHECK(entries() == std::vector<std::string>{"whitelist_clients 198.51.100.0/24"});
}

TEST_CASE_METHOD(ListsTest, "a row is in force until it expires") {
    insert("whitelist_clients", "over.example", at(-5s));
    insert("whitelist_clients", "still.example", at(60s));
    CHECK(entries() == std::vector<std::string>{"whitelist_clients still.example"});
}

TEST_CASE_METHOD(ListsTest,
                 "a list that does not exist is refused, and so is an entry that is there already") {
    insert("whitelist_clients", "example.org");
    CHECK_THROWS(insert("whitelist_client", "example.org"));
    CHECK_THROWS(insert("whitelist_clients", "example.org"));
}

TEST_CASE_METHOD(ListsTest, "hits are added up, whoever else counts, and the time of the last is kept") {
    insert("whitelist_clients", "example.org");
    insert("whitelist_clients", "example.net");
    const std::vector<lists::Row> read = rows->read();
    const std::vector<lists::HitCount> hits{{read.at(1).id, 3}, {read.at(0).id, 2}, {999'999, 7}};
    rows->count(hits);
    list_rows(database.target())->count(std::vector<lists::HitCount>{{read.at(0).id, 40}});
    CHECK(database.number("select hits from lists where entry = 'example.org'") == 42);
    CHECK(database.number("select hits from lists where entry = 'example.net'") == 3);
    const long long now = base::epoch(base::SystemClock{}.now());
    const long long last =
        database.number("select " + database.seconds("last_hit") + " from lists where hits = 42");
    CHECK(std::abs(now - last) <= 60);
    const long long added =
        database.number("select " + database.seconds("added_at") + " from lists where hits = 42");
    CHECK(std::abs(now - added) <= 60);
}

TEST_CASE_METHOD(ListsTest, "many hits are counted in several transactions") {
    std::vector<lists::HitCount> hits;
    for (int i = 0; i < 450; ++i) insert("whitelist_senders", "s" + std::to_string(i) + "@example.org");
    for (const lists::Row& row : rows->read()) hits.push_back({row.id, 1});
    REQUIRE(hits.size() == 450);
    rows->count(hits);
    CHECK(database.number("select count(*) from lists where hits = 1") == 450);
}

TEST_CASE_METHOD(ListsTest,
                 "a table or a column that is missing is refused, with what to do, until it is there") {
    using Catch::Matchers::Contains;
    const std::vector<lists::HitCount> no_row{{-1, 0}};
    insert("whitelist_clients", "example.org");
    database.sql() << "alter table lists rename to lists_away";
    CHECK_THROWS_AS(rows->read(), lists::RowsRefused);
    CHECK_THROWS_AS(rows->count(no_row), lists::RowsRefused);
    CHECK_THROWS_WITH(rows->read(), Contains("lists") && Contains("--print-schema"));
    database.sql() << "alter table lists_away rename to lists";
    for (const char* column : {"entry", "expires_at"}) {
        database.sql() << "alter table lists rename column " << column << " to renamed";
        CHECK_THROWS_AS(rows->read(), lists::RowsRefused);
        database.sql() << "alter table lists rename column renamed to " << column;
        CHECK(entries().size() == 1);
    }
    database.sql() << "alter table lists rename column hits to renamed";
    CHECK(entries().size() == 1);
    CHECK_THROWS_AS(rows->count(no_row), lists::RowsRefused);
    database.sql() << "alter table lists rename column renamed to hits";
    rows->count(no_row);
}

TEST_CASE("that a database cannot be connected to is no refusal of the table") {
    TestDatabase database;
    Target wrong = database.target();
    wrong.name = wrong.database == Database::sqlite ? "/no/such/directory/x" : "no_such_database";
    const auto rows = list_rows(wrong);
    try {
        rows->read();
        FAIL("it was read");
    } catch (const lists::RowsRefused&) {
        FAIL("refused");
    } catch (const std::runtime_error&) {
    }
}

TEST_CASE_METHOD(ListsTest, "a failure is told, and the next call connects anew") {
    insert("whitelist_clients", "example.org");
    CHECK(entries().size() == 1);
    database.sql() << "alter table lists rename to lists_away";
    CHECK_THROWS_AS(rows->read(), std::runtime_error);
    database.sql() << "alter table lists_away rename to lists";
    CHECK(entries().size() == 1);
}

}  // namespace sqlgrey::store
