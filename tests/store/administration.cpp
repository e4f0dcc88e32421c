// store::Administration does the same on all databases.
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
                std::int64_t limit = 100) {
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
        {TableName::client_awl, {"192.0.2", std::int64_t{7}, now, now, now + base::Seconds{60}}},
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
    test.tables->put(TableName::client_awl, Rows{{"192.0.2", std::int64_t{7}, now, now, now}});
    test.tables->put(TableName::client_awl, Rows{{"192.0.2", std::int64_t{5}, after, before, after}});
    CHECK(test.sorted(TableName::client_awl) == Rows{{"192.0.2", std::int64_t{7}, after, before, after}});
    test.tables->put(TableName::connect, Rows{waiting("192.0.2", "a", "b", "c", now)});
    test.tables->put(TableName::connect, Rows{waiting("192.0.2", "a", "b", "c", after)});
    CHECK(test.sorted(TableName::connect) == Rows{waiting("192.0.2", "a", "b", "c", now)});
}

TEST_CASE("administration: second rows of letters are exported, neither listed nor counted as waiting") {
    AdministrationTest test;
    const Rows rows{waiting("192.0.2", "a", "b", "c"), waiting("*", "a", "0123", "192.0.2"),
                    waiting("=a", "a", "b", "c")};
    test.tables->put(TableName::connect, rows);
    CHECK(test.sorted(TableName::connect) == Rows{rows[0]});
    CHECK(test.all(TableName::connect).size() == 3);
    CHECK(test.tables->waiting() == 1);
    CHECK(test.tables->count(TableName::connect) == 3);
}

TEST_CASE("administration: an entry of a list may be without an end, and gets a new one") {
    AdministrationTest test;
    const auto entry = [](const std::string& reason, const TableCell& expires) {
        return TableRow{
            "whitelist_senders", "@example.org", {}, reason, "root", now, expires, std::int64_t{0}, {}};
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

TEST_CASE("administration: what two tables know of a pool is one row") {
    AdministrationTest test;
    const base::Time before = now - base::Seconds{600};
    const auto network = [](const std::string& member, const std::string& pool, base::Time last) {
        return TableRow{member, pool, "mx." + pool, base::at(1'000'000), last};
    };
    test.tables->put(TableName::pool,
                     Rows{network("192.0.2", "@one.example", before), network("192.0.3", "@one.example", now),
                          network("198.51.100", "@two.example", before), network("203.0.113", "", now)});
    const auto counted = [](const std::string& src, std::int64_t never, std::int64_t crowd) {
        return TableRow{src, never, std::int64_t{1}, now, crowd};
    };
    test.tables->put(TableName::organisation,
                     Rows{counted("@one.example", 3, 0), counted("@three.example", 40, 1)});
    test.tables->put(TableName::from_awl, Rows{{"@one.example", "a.example", "alice", now, now}});
    test.tables->put(TableName::domain_awl, Rows{{"@one.example", "b.example", now, now}});
    const auto shown = [&](const PoolFilter& filter, SortBy by = SortBy::time, std::int64_t limit = 9) {
        std::string text;
        for (const PoolRow& row : test.tables->pools(filter, by, limit))
            text += row.pool + " " + std::to_string(row.networks) + " " +
                    (row.last_seen ? std::to_string((now - *row.last_seen).count()) : "never") + " " +
                    std::to_string(row.never_came_back) + (row.is_crowd ? " crowd; " : "; ");
        return text;
    };
    const std::string one = "@one.example 2 0 3; ", two = "@two.example 1 600 0; ",
                      three = "@three.example 0 never 40 crowd; ";
    CHECK(shown({}) == one + two + three);
    CHECK(shown({}, SortBy::client) == one + three + two);
    CHECK(shown({}, SortBy::time, 1) == one);
    CHECK(shown({.pools = {"@two.example", "@three.example"}}) == two + three);
    CHECK(shown({.pools = {""}}) == "");
    CHECK(shown({.since = now - base::Seconds{1}}) == one);
    CHECK(shown({.pools = {"@two.example"}, .since = now}) == "");
    CHECK(test.tables->came_back("@one.example") == 2);
    CHECK(test.tables->came_back("@two.example") == 0);
}

TEST_CASE("administration: expectations end by themselves, and are found by their end") {
    AdministrationTest test;
    const auto until = [](const std::string& rcpt, base::Time end) {
        return TableRow{rcpt, "example.org", end, "root", "a code"};
    };
    const Rows rows{until("b@example.net", now + base::Seconds{60}), until("a@example.net", now)};
    test.tables->put(TableName::expectation, rows);
    CHECK(test.sorted(TableName::expectation) == rows);
    CHECK(test.sorted(TableName::expectation, {.since = now + base::Seconds{1}}) == Rows{rows[0]});
    CHECK(test.sorted(TableName::expectation,
                      {.sender_domain = "example.org", .recipient = "a@example.net"}) == Rows{rows[1]});
    CHECK(test.tables->erase(TableName::expectation, rows) == 2);
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
