// What is counted on each day, from counters that only grow.
#include "sqlgrey/metrics/daily.hpp"

#include <map>
#include <memory>

#include <catch2/catch.hpp>

namespace sqlgrey::metrics {
namespace {

using namespace std::chrono_literals;
using greylist::Verdict;
using Counted = std::map<std::string, std::int64_t>;

const std::chrono::sys_days friday{std::chrono::year{2026} / 11 / 27};

struct DailyTest {
    std::unique_ptr<Counters> counters = std::make_unique<Counters>();

    bool begin(std::chrono::sys_days day, std::chrono::seconds into_day = 0s) {
        return begin_day(*counters, day, day + into_day);
    }
    void decide(Verdict verdict, std::uint64_t number, std::size_t slot = 0) {
        counters->decisions[slot].of(verdict).add(number);
    }
    std::vector<greylist::DailyCounts> days() const { return unwritten_days(*counters); }
    static Counted counted(const greylist::DailyCounts& day) {
        Counted counts;
        for (const auto& [name, count] : day.counts) counts[name] = count;
        return counts;
    }
};

}  // namespace

TEST_CASE_METHOD(DailyTest, "a day has what was counted since it began, in all slots") {
    CHECK(days().empty());
    CHECK(begin(friday));
    decide(Verdict::from_awl, 3);
    decide(Verdict::from_awl, 4, 255);
    counters->cleaning.never_retried.add(2);
    counters->decisions[1].passed_by_policy.add(5);
    counters->decisions[1].deferred_by_policy.add(6);
    CHECK_FALSE(begin(friday, 600s));
    REQUIRE(days().size() == 1);
    CHECK(days().front().day == "2026-11-27");
    CHECK(days().front().run == std::chrono::microseconds(friday.time_since_epoch()).count());
    CHECK(counted(days().front()) ==
          Counted{{"from_awl", 7}, {"never_retried", 2}, {"passed_by_policy", 5}, {"deferred_by_policy", 6}});
}

TEST_CASE_METHOD(DailyTest, "delays are counted by the upper bound of their bucket") {
    begin(friday);
    counters->decisions[0].delay.add(300);
    counters->decisions[2].delay.add(301);
    counters->decisions[2].delay.add(1'000'000);
    std::map<std::int64_t, std::int64_t> delays;
    const auto all = days();
    for (const auto& [up_to, count] : all.front().delays) delays[up_to] = count;
    CHECK(delays == std::map<std::int64_t, std::int64_t>{{300, 1}, {360, 1}, {0, 1}});
}

TEST_CASE_METHOD(DailyTest,
                 "a new day begins with what follows, and the last one remains until it is written") {
    begin(friday);
    decide(Verdict::from_awl, 5);
    CHECK(begin(friday + std::chrono::days{1}));
    decide(Verdict::from_awl, 2);
    auto two = days();
    REQUIRE(two.size() == 2);
    CHECK(counted(two[0]) == Counted{{"from_awl", 5}});
    CHECK(two[1].day == "2026-11-28");
    CHECK(counted(two[1]) == Counted{{"from_awl", 2}});
    CHECK(two[0].run != two[1].run);
    days_are_written(*counters);
    decide(Verdict::from_awl, 1);
    REQUIRE(days().size() == 1);
    CHECK(counted(days().front()) == Counted{{"from_awl", 3}});
}

TEST_CASE_METHOD(DailyTest, "if the clock is set back over midnight, nothing is counted twice") {
    begin(friday, 10s);
    decide(Verdict::first_attempt, 1);
    begin(friday + std::chrono::days{1}, 5s);
    decide(Verdict::first_attempt, 2);
    begin(friday, 10s);  // the same moment as before
    decide(Verdict::first_attempt, 4);
    begin(friday + std::chrono::days{1}, 6s);
    decide(Verdict::first_attempt, 8);
    const auto four = days();
    REQUIRE(four.size() == 4);
    Counted by_day;
    std::map<std::int64_t, int> runs;
    for (const auto& day : four) {
        by_day[day.day] += counted(day).at("first_attempt");
        ++runs[day.run];
    }
    CHECK(by_day == Counted{{"2026-11-27", 5}, {"2026-11-28", 10}});
    CHECK(runs.size() == 4);  // rows of their own
}

TEST_CASE_METHOD(DailyTest, "days that cannot be written are kept; after a month the last one goes on") {
    for (int day = 0; day < 40; ++day) {
        const bool begins = begin(friday + std::chrono::days{day});
        CHECK(begins == (day < 32));
        decide(Verdict::from_awl, 1);
    }
    const auto kept = days();
    REQUIRE(kept.size() == 32);
    std::int64_t all = 0;
    for (const auto& day : kept) all += counted(day).at("from_awl");
    CHECK(all == 40);
    CHECK(counted(kept.back()) == Counted{{"from_awl", 9}});
    days_are_written(*counters);
    CHECK(begin(friday + std::chrono::days{40}));
    CHECK(days().size() == 2);
}

TEST_CASE_METHOD(DailyTest, "a day whose beginning was interrupted begins again") {
    begin(friday);
    decide(Verdict::from_awl, 5);
    counters->daily.days[1].day.set(0);  // what a killed child may have written
    counters->daily.days[1].totals[0].set(99);
    CHECK(days().size() == 1);
    CHECK(begin(friday + std::chrono::days{1}));
    const auto two = days();
    CHECK(two.at(1).day == "2026-11-28");
    CHECK(counted(two.at(0)) == Counted{{"from_awl", 5}});
    CHECK(two.at(1).counts.empty());
}

TEST_CASE_METHOD(DailyTest, "rows of tables belong to the day on which they were counted") {
    begin(friday, 60s);
    counters->rows.rows[0].set(12);
    CHECK(days().front().counts.empty());
    counters->rows.counted_at.set(base::epoch(friday) + 59);
    CHECK(days().front().counts.empty());
    counters->rows.counted_at.set(base::epoch(friday) + 60);
    CHECK(counted(days().front()) == Counted{{"rows:connect", 12}});
    begin(friday + std::chrono::days{1});
    CHECK(days().at(0).counts.empty());
    CHECK(days().at(1).counts.empty());
}

}  // namespace sqlgrey::metrics
