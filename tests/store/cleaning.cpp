// Deleting expired rows, and which daemon does it.
#include "sqlgrey/store/cleaning.hpp"

#include "database.hpp"
#include "sqlgrey/store/administration.hpp"

#include <numeric>

namespace sqlgrey::store {

using namespace std::chrono_literals;
using greylist::AwlTable;
using greylist::Change;
using greylist::NeverRetried;
using greylist::PutConnect;
using greylist::PutDomainAwl;
using greylist::PutFromAwl;

namespace {

const base::Time now = base::at(1'700'000'000);

struct CleaningTest {
    TestDatabase database;
    base::ManualClock clock{now};
    std::unique_ptr<greylist::Store> store = open_store(database.target(), &clock);
    std::unique_ptr<greylist::Cleaning> cleaning = open_cleaning(database.target(), &clock);

    void remember(std::vector<Change> changes) { store->remember(changes); }
};

Change waiting(const std::string& name, base::Time first_seen) {
    return PutConnect{
        {"192.0.2", "example.org", name, name, "bob@example.net"}, first_seen, first_seen - 24h};
}

}  // namespace

TEST_CASE_METHOD(CleaningTest, "one cleaner is elected in each period") {
    const auto other = open_cleaning(database.target(), &clock);
    CHECK(cleaning->claim(1800s));
    CHECK_FALSE(other->claim(1800s));
    CHECK_FALSE(cleaning->claim(1800s));
    clock.advance(1799s);
    CHECK_FALSE(other->claim(1800s));
    clock.advance(1s);
    CHECK(other->claim(1800s));
    CHECK_FALSE(cleaning->claim(1800s));
    CHECK(database.text("select value from config where parameter = 'last_dbclean'") ==
          std::to_string(base::epoch(now + 1800s)));
}

TEST_CASE_METHOD(CleaningTest, "a database without last_dbclean is cleaned soon") {
    database.sql() << "delete from config where parameter = 'last_dbclean'";
    CHECK(cleaning->claim(1800s));
    CHECK_FALSE(cleaning->claim(1800s));
}

TEST_CASE_METHOD(CleaningTest,
                 "a last_dbclean that lies ahead, by a clock that did, does not stop the cleaning") {
    database.sql() << "update config set value = '" << base::epoch(now + 365 * 24h)
                   << "' where parameter = 'last_dbclean'";
    CHECK(cleaning->claim(1800s));
    CHECK_FALSE(cleaning->claim(1800s));
}

TEST_CASE_METHOD(CleaningTest, "a statement of the cleaning that is wrong shows before cleaning is due") {
    CHECK(cleaning->claim(1800s));
    for (const char* table : {"client_awl", "domain_awl"}) {
        const auto other = open_cleaning(database.target(), &clock);
        database.sql() << "alter table " << table << " rename column last_seen to renamed";
        CHECK_THROWS_WITH(other->claim(1800s), Catch::Contains(table) && Catch::Contains("last_seen"));
        database.sql() << "alter table " << table << " rename column renamed to last_seen";
        CHECK_FALSE(open_cleaning(database.target(), &clock)->claim(1800s));
    }
}

TEST_CASE_METHOD(CleaningTest, "checking the statements of the cleaning changes nothing") {
    remember({waiting("old", now - 30h), PutFromAwl{"192.0.2", "a.org", "old", now - 99h, now - 99h},
              PutDomainAwl{"192.0.2", "b.org", now - 99h, now - 99h},
              greylist::CountRetry{"192.0.2", now - 99h, now - 199h}});
    CHECK(cleaning->claim(1800s));
    const auto named = database.rows("config");
    CHECK_FALSE(open_cleaning(database.target(), &clock)->claim(1800s));
    for (const char* table : {"connect", "from_awl", "domain_awl", "client_awl"})
        CHECK(database.rows(table) == 1);
    CHECK(database.rows("config") == named);
}

TEST_CASE_METHOD(CleaningTest, "auto-whitelist rows go when awl_age has passed, not before") {
    remember({PutFromAwl{"192.0.2", "a.org", "old", now - 99h, now - 10h - 1s},
              PutFromAwl{"192.0.2", "b.org", "young", now - 99h, now - 10h},
              PutDomainAwl{"192.0.2", "c.org", now - 99h, now - 10h - 1s},
              PutDomainAwl{"192.0.2", "d.org", now - 99h, now - 10h}});
    CHECK(cleaning->expire(AwlTable::from_awl, 10h) == 1);
    CHECK(cleaning->expire(AwlTable::from_awl, 10h) == 0);
    CHECK(cleaning->expire(AwlTable::domain_awl, 10h) == 1);
    CHECK(cleaning->expire(AwlTable::domain_awl, 10h) == 0);
    remember({greylist::CountRetry{"old", now - 10h - 1s, now - 99h},
              greylist::CountRetry{"young", now - 10h, now - 99h}});
    CHECK(cleaning->expire(AwlTable::client_awl, 10h) == 1);
    CHECK(cleaning->expire(AwlTable::client_awl, 10h) == 0);
    CHECK(database.text("select src from client_awl") == "young");
    CHECK(database.text("select sender_name from from_awl") == "young");
    CHECK(database.text("select sender_domain from domain_awl") == "d.org");
}

TEST_CASE_METHOD(CleaningTest, "expired connect rows are told and go") {
    remember({waiting("old", now - 24h - 1s), waiting("young", now - 24h)});
    std::vector<NeverRetried> told;
    const auto tell = [&](std::span<const NeverRetried> rows) {
        told.insert(told.end(), rows.begin(), rows.end());
    };
    CHECK(cleaning->expire_connect(24h, tell) == 1);
    CHECK(cleaning->expire_connect(24h, tell) == 0);
    REQUIRE(told.size() == 1);
    CHECK(told[0].src == "192.0.2");
    CHECK(told[0].sender_name == "old");
    CHECK(told[0].sender_domain == "example.org");
    CHECK(told[0].rcpt == "bob@example.net");
    if (database_under_test() == Database::sqlite)
        CHECK(told[0].first_seen == std::to_string(base::epoch(now - 24h - 1s)));
    else
        CHECK(told[0].first_seen.size() >= std::string("2023-11-13 22:13:19").size());
    CHECK(database.text("select sender_name from connect") == "young");
}

TEST_CASE_METHOD(CleaningTest, "many expired rows go in slices, all of them, each told once") {
    std::vector<Change> changes;
    for (int i = 0; i < 1300; ++i) {
        changes.push_back(waiting("n" + std::to_string(i), now - 30h - std::chrono::seconds(i / 3)));
        if (changes.size() == 64) {
            remember(changes);
            changes.clear();
        }
    }
    remember(changes);
    std::int64_t told = 0, gone = 0, slices = 0;
    while (const std::int64_t slice = cleaning->expire_connect(
               24h, [&](std::span<const NeverRetried> rows) { told += std::ssize(rows); })) {
        gone += slice;
        ++slices;
        REQUIRE(slices < 100);
    }
    CHECK(told == 1300);
    CHECK(gone == 1300);
    CHECK(slices > 1);
    CHECK(database.rows("connect") == 0);
}

// Such entries are left by `sqlgreyctl allow --for`.
TEST_CASE_METHOD(CleaningTest,
                 "entries of lists that are over are deleted a slice at a time, the others stay") {
    const auto tables = open_administration(database.target(), AdministrationMode::change);
    const auto entry = [](int n, const TableCell& expires) {
        return TableRow{"whitelist_senders",
                        "@d" + std::to_string(n) + ".example",
                        {},
                        "",
                        "root",
                        now,
                        expires,
                        std::int64_t{0},
                        {}};
    };
    std::vector<TableRow> rows;
    for (int n = 0; n < 250; ++n) rows.push_back(entry(n, now - std::chrono::seconds{1 + n}));
    for (const TableCell& stays : {TableCell{}, TableCell{now}, TableCell{now + std::chrono::hours{1}}})
        rows.push_back(entry(static_cast<int>(rows.size()), stays));
    tables->put(TableName::lists, rows);
    std::vector<long long> slices;
    do slices.push_back(cleaning->expire(greylist::AwlTable::lists, base::Seconds{0}));
    while (slices.back() > 0);
    CHECK(slices.size() > 2);
    CHECK(std::accumulate(slices.begin(), slices.end(), 0LL) == 250);
    CHECK(database.rows("lists") == 3);
}

}  // namespace sqlgrey::store
