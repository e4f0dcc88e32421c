// Daily statistics: written by several daemons, read by a report; their tables may be missing or refused.
#include "sqlgrey/store/daily.hpp"

#include "sqlgrey/store/reading.hpp"
#include "store_fixture.hpp"

namespace sqlgrey::store {

using greylist::DailyCounts;

namespace {

struct DailyTest : StoreTest {
    std::unique_ptr<greylist::DailyTables> tables = open_daily_tables(database.target());

    void put(const std::string& host, const DailyCounts& counts) { tables->put(host, std::span(&counts, 1)); }
    Daily read(const std::string& from_day = "2026-01-01") {
        return open_to_read(database.target(), &clock)->daily(from_day);
    }
};

}  // namespace

TEST_CASE_METHOD(DailyTest, "counts of a day are set, not added, and never fall") {
    put("mx1", {"2026-11-27", 1, {{"from_awl", 5}, {"first_attempt", 2}}, {{300, 1}, {0, 4}}});
    put("mx1", {"2026-11-27", 1, {{"from_awl", 7}}, {{300, 3}}});
    put("mx1", {"2026-11-27", 1, {{"from_awl", 6}}, {{300, 2}}});  // an older one that comes late
    const Daily daily = read();
    CHECK(daily.counts == std::vector<DayCount>{{"2026-11-27", "mx1", "first_attempt", 2},
                                                {"2026-11-27", "mx1", "from_awl", 7}});
    CHECK(daily.delays == std::vector<DayDelay>{{"2026-11-27", "mx1", 0, 4}, {"2026-11-27", "mx1", 300, 3}});
}

TEST_CASE_METHOD(DailyTest, "the runs of a day are summed, days and hosts are not") {
    put("mx1", {"2026-11-27", 1, {{"from_awl", 5}}, {{300, 1}}});
    put("mx1", {"2026-11-27", 2, {{"from_awl", 3}}, {{300, 2}}});
    put("mx1", {"2026-11-28", 2, {{"from_awl", 4}}, {}});
    put("mx2", {"2026-11-27", 2, {{"from_awl", 9}}, {{600, 1}}});
    CHECK(read().counts == std::vector<DayCount>{{"2026-11-27", "mx1", "from_awl", 8},
                                                 {"2026-11-27", "mx2", "from_awl", 9},
                                                 {"2026-11-28", "mx1", "from_awl", 4}});
    CHECK(read().delays ==
          std::vector<DayDelay>{{"2026-11-27", "mx1", 300, 3}, {"2026-11-27", "mx2", 600, 1}});
    CHECK(read("2026-11-28").counts == std::vector<DayCount>{{"2026-11-28", "mx1", "from_awl", 4}});
    CHECK(read("2026-11-28").delays.empty());
    CHECK(read("2026-11-29").counts.empty());
}

TEST_CASE_METHOD(DailyTest, "of the rows of a table the greatest number of a day counts") {
    put("mx1", {"2026-11-27", 1, {{"rows:connect", 500}}, {}});
    put("mx1", {"2026-11-27", 2, {{"rows:connect", 400}}, {}});
    CHECK(read().counts == std::vector<DayCount>{{"2026-11-27", "mx1", "rows:connect", 500}});
}

TEST_CASE_METHOD(DailyTest, "several days are written at once") {
    const std::vector<DailyCounts> days{{"2026-11-26", 1, {{"from_awl", 5}}, {{60, 1}}},
                                        {"2026-11-27", 2, {{"from_awl", 6}}, {{60, 2}}}};
    tables->put("mx1", days);
    CHECK(read().counts.size() == 2);
    CHECK(read().delays.size() == 2);
    tables->put("mx1", {});
    CHECK(read().counts.size() == 2);
}

TEST_CASE_METHOD(DailyTest, "old days are forgotten, one at a time") {
    for (const char* day : {"2025-01-01", "2025-01-02", "2026-11-27"})
        put("mx1", {day, 1, {{"from_awl", 5}}, {{60, 1}}});
    put("mx1", {"2025-01-03", 1, {}, {{60, 1}}});
    int days = 0;
    while (tables->forget_oldest("2026-11-27")) ++days;
    CHECK(days == 3);
    CHECK(database.text("select min(day) from daily") == "2026-11-27");
    CHECK(database.rows("daily_delay") == 1);
}

TEST_CASE_METHOD(StoreTest, "missing tables of statistics are made by the statistics, not by the store") {
    for (const char* table : {"daily", "daily_delay"}) database.sql() << "drop table " << table;
    CHECK(open_store(database.target())->look_up({}, policy).known.empty());
    CHECK(open_to_read(database.target())->daily("").counts.empty());
    CHECK_THROWS(database.rows("daily"));
    static_cast<void>(open_daily_tables(database.target()));
    CHECK(database.rows("daily") == 0);
    CHECK(database.rows("daily_delay") == 0);
}

TEST_CASE_METHOD(StoreTest, "a table of the same name that is not ours stops the statistics only") {
    database.sql() << "drop table daily";
    database.sql() << "create table daily (id integer not null, what varchar(9), primary key (id))";
    CHECK_THROWS_WITH(open_daily_tables(database.target()),
                      Catch::Contains("daily") && Catch::Contains("rename to"));
    remember({first_attempt(triplet())});
    CHECK(open_store(database.target())->look_up({}, policy).known.empty());
    CHECK(known(triplet()).connect == now);
}

TEST_CASE("a database that cannot be opened is reported by others", "[sqlite]") {
    Target target;
    target.name = "/no/such/directory/sqlgrey.db";
    CHECK_THROWS_AS(open_daily_tables(target), greylist::StoreUnavailable);
}

}  // namespace sqlgrey::store
