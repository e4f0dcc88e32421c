// What an administrator reads and changes: the same on all databases.
#include "sqlgrey/store/administration.hpp"

#include "store_fixture.hpp"

#include <set>

namespace sqlgrey::store {
namespace {

using Rows = std::vector<TableRow>;

TableRow waiting(const std::string& src, const std::string& domain, const std::string& name,
                 const std::string& rcpt, base::Time first = now) {
    return {src, domain, name, rcpt, first};
}

struct AdministrationTest : StoreTest {
    std::unique_ptr<Administration> tables =
        open_administration(database.target(), AdministrationMode::change);

    Rows sorted(TableName table, const TableFilter& filter = {}, SortBy by = SortBy::time,
                long long limit = 100) {
        Rows rows;
        tables->sorted(table, filter, by, limit, [&](const TableRow& row) { rows.push_back(row); });
        return rows;
    }
    std::multiset<TableRow> all(TableName table, const TableFilter& filter = {}) {
        std::multiset<TableRow> rows;
        std::optional<TableRow> behind;
        while (true) {
            const Rows page = tables->page(table, filter, behind);
            rows.insert(page.begin(), page.end());
            if (page.size() < Administration::page_size) return rows;
            behind = page.back();
        }
    }
};

}  // namespace

TEST_CASE("administration: rows are put, and putting them again changes nothing") {
    AdministrationTest test;
    const std::vector<std::pair<TableName, TableRow>> rows{
        {TableName::connect, waiting("192.0.2", "example.org", "alice", "bob@example.net")},
        {TableName::from_awl, {"192.0.2", "example.org", "alice", now, now + base::Seconds{60}}},
        {TableName::domain_awl, {"192.0.2", "example.org", now, now + base::Seconds{60}}},
        {TableName::client_awl, {"192.0.2", 7LL, now, now, now + base::Seconds{60}}},
        {TableName::optin_domain, {"example.net"}},
        {TableName::optout_email, {"o'neil;--%_\\@example.net"}}};
    for (int time = 0; time < 2; ++time)
        for (const auto& [table, row] : rows) {
            test.tables->put(table, std::span(&row, 1));
            CHECK(test.sorted(table) == Rows{row});
            CHECK(test.all(table) == std::multiset<TableRow>{row});
            CHECK(test.tables->count(table) == 1);
        }
    for (const auto& [table, row] : rows) {
        CHECK(test.tables->erase(table, std::span(&row, 1)) == 1);
        CHECK(test.tables->erase(table, std::span(&row, 1)) == 0);
    }
}

TEST_CASE("administration: of two rows of a key the earliest and the latest time stay") {
    AdministrationTest test;
    const base::Time before = now - base::Seconds{60}, after = now + base::Seconds{60};
    test.tables->put(TableName::client_awl, Rows{{"192.0.2", 7LL, now, now, now}});
    test.tables->put(TableName::client_awl, Rows{{"192.0.2", 5LL, after, before, after}});
    CHECK(test.sorted(TableName::client_awl) == Rows{{"192.0.2", 7LL, after, before, after}});
    test.tables->put(TableName::connect, Rows{waiting("192.0.2", "a", "b", "c", now)});
    test.tables->put(TableName::connect, Rows{waiting("192.0.2", "a", "b", "c", after)});
    CHECK(test.sorted(TableName::connect) == Rows{waiting("192.0.2", "a", "b", "c", now)});
}

TEST_CASE("administration: an entry of a list may be without an end, and gets a new one") {
    AdministrationTest test;
    const auto entry = [](const std::string& reason, const TableCell& expires) {
        return TableRow{"whitelist_senders", "@example.org", {}, reason, "root", now, expires, 0LL, {}};
    };
    const auto read = [&] {
        TableRow row = test.sorted(TableName::lists).at(0);
        row[2] = {};
        return row;
    };
    test.tables->put(TableName::lists, Rows{entry("a ticket", {})});
    CHECK(read() == entry("a ticket", {}));
    test.tables->put(TableName::lists, Rows{entry("gr\xc3\xbc\xc3\x9f", now + base::Seconds{60})});
    CHECK(read() == entry("gr\xc3\xbc\xc3\x9f", now + base::Seconds{60}));
    CHECK(test.tables->erase(TableName::lists, Rows{entry("", {})}) == 1);
    CHECK(test.tables->count(TableName::lists) == 0);
}

TEST_CASE("administration: filters mean what they say, and nothing in them is a wildcard") {
    AdministrationTest test;
    const Rows rows{
        waiting("192.0.2", "example.org", "alice", "bob@example.net", now),
        waiting("192.0.2", "example.org", "al%ce", "b_b@example.net", now - base::Seconds{10}),
        waiting("198.51.100", "example.com", "alice", "bob@sub.example.net", now - base::Seconds{20}),
        waiting("203.0.113", "example.com", "o'neil", "bob@example#net", now - base::Seconds{30})};
    test.tables->put(TableName::connect, rows);
    const auto found = [&](const TableFilter& filter) {
        const Rows there = test.sorted(TableName::connect, filter);
        CHECK(test.all(TableName::connect, filter) == std::multiset<TableRow>(there.begin(), there.end()));
        std::string which;
        for (const TableRow& row : there)
            which += std::to_string(std::find(rows.begin(), rows.end(), row) - rows.begin());
        return which;
    };
    CHECK(found({}) == "0123");
    CHECK(found({.clients = {"192.0.2", "nobody"}}) == "01");
    CHECK(found({.clients = {"192.0.2", "203.0.113"}}) == "013");
    CHECK(found({.clients = {"192.0.%"}}) == "");
    CHECK(found({.sender_domain = "example.com"}) == "23");
    CHECK(found({.sender_domain = "EXAMPLE.com"}) == "");
    CHECK(found({.sender_domain = "example.org", .sender_name = "alice"}) == "0");
    CHECK(found({.sender_name = "al%ce"}) == "1");
    CHECK(found({.sender_name = "o'neil"}) == "3");
    CHECK(found({.sender_name = "' or 1=1 --"}) == "");
    CHECK(found({.recipient = "b_b@example.net"}) == "1");
    CHECK(found({.recipient_domain = "example.net"}) == "01");
    CHECK(found({.recipient_domain = "example#net"}) == "3");
    CHECK(found({.recipient_domain = "%"}) == "");
    CHECK(found({.since = now - base::Seconds{10}}) == "01");
    CHECK(test.sorted(TableName::connect, {}, SortBy::recipient, 1).at(0) == rows[1]);
    CHECK(test.sorted(TableName::connect, {}, SortBy::sender, 1).at(0) == rows[2]);
}

TEST_CASE("administration: pages hold every row once, however many share the parts of a key") {
    AdministrationTest test;
    Rows rows;
    for (int n = 0; n < 1203; ++n)
        rows.push_back(waiting("192.0.2", n % 2 ? "example.org" : "example.com", "s" + std::to_string(n % 40),
                               "r" + std::to_string(n) + "@example.net"));
    test.tables->put(TableName::connect, rows);
    CHECK(test.all(TableName::connect) == std::multiset<TableRow>(rows.begin(), rows.end()));
    CHECK(test.all(TableName::connect, {.sender_domain = "example.org"}).size() == 601);
    CHECK(test.tables->erase(TableName::connect, rows) == 1203);
}

TEST_CASE("administration: a first time moves back, never forward") {
    AdministrationTest test;
    Rows rows{waiting("192.0.2", "a", "b", "new@c", now), waiting("192.0.2", "a", "b", "old@c", base::at(1))};
    test.tables->put(TableName::connect, rows);
    test.tables->move_back(rows, now - base::Seconds{300});
    CHECK(test.sorted(TableName::connect) ==
          Rows{waiting("192.0.2", "a", "b", "new@c", now - base::Seconds{300}),
               waiting("192.0.2", "a", "b", "old@c", base::at(1))});
}

TEST_CASE("administration: tables that are not there are told, and looking makes nothing") {
    TestDatabase database;
    for (const auto mode : {AdministrationMode::look, AdministrationMode::change})
        CHECK_THROWS_WITH(open_administration(database.target(), mode),
                          Catch::Contains("start sqlgrey once"));
    open_administration(database.target(), AdministrationMode::make);
    const auto tables = open_administration(database.target(), AdministrationMode::look);
    CHECK(tables->count(TableName::lists) == 0);
    CHECK(tables->fact("version") == "3");
    CHECK_FALSE(tables->fact("no such fact"));
}

}  // namespace sqlgrey::store
