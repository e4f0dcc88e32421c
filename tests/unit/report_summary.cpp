// Percentiles, the sentence, words, and what is added up of the daily statistics.
#include "report_fixture.hpp"
#include "sqlgrey/greylist/outcome.hpp"
#include "sqlgrey/report/summary.hpp"
#include "sqlgrey/report/tables.hpp"
#include "sqlgrey/report/words.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace sqlgrey::report;
using base::Seconds;

namespace {

Figures days(std::vector<Count> counts, std::vector<WaitCount> waits = {}) {
    Figures figures;
    figures.made = last_day + std::chrono::hours{18};
    figures.first = last_day - std::chrono::days{29};
    figures.last = last_day;
    figures.stats_interval = Seconds{300};
    figures.max_connect_age = std::chrono::hours{24};
    add_daily(figures, counts, waits);
    return figures;
}

const Date day_before = last_day - std::chrono::days{1};

}  // namespace

TEST_CASE("a percentile is interpolated within its bucket") {
    const Waits waits{{Seconds{100}, 10}, {Seconds{200}, 80}, {Seconds{600}, 10}, {Seconds{0}, 0}};
    CHECK(percentile(waits, 0.5) == Wait{Seconds{150}, false});
    CHECK(percentile(waits, 0.2) == Wait{Seconds{113}, false});
    CHECK(percentile(waits, 0.95) == Wait{Seconds{400}, false});
    CHECK(percentile(waits, 1) == Wait{Seconds{600}, false});
}

TEST_CASE("of a percentile in the first bucket only the upper limit is known") {
    const Waits waits{{Seconds{60}, 10}, {Seconds{120}, 10}, {Seconds{0}, 0}};
    CHECK(percentile(waits, 0.5) == Wait{Seconds{60}, false, true});
    CHECK(percentile(waits, 0) == Wait{Seconds{60}, false, true});
    CHECK(percentile(waits, 0.75) == Wait{Seconds{90}, false});
    CHECK(duration(*percentile(waits, 0.5)) == "at most 1 min");
}

TEST_CASE("a percentile beyond the last bucket is only known to be more") {
    CHECK(percentile({{Seconds{100}, 1}, {Seconds{0}, 9}}, 0.5) == Wait{Seconds{100}, true});
    CHECK(percentile({{Seconds{60}, 0}, {Seconds{100}, 9}, {Seconds{0}, 1}}, 0.5) ==
          Wait{Seconds{82}, false});
    CHECK(duration(Wait{Seconds{172'800}, true}) == "more than 2 days");
    CHECK_FALSE(percentile({}, 0.5));
    CHECK_FALSE(percentile({{Seconds{100}, 0}, {Seconds{0}, 0}}, 0.5));
}

TEST_CASE("the buckets that are shown begin and end with mails, and know where they begin") {
    const Waits waits{{Seconds{60}, 0},  {Seconds{300}, 0}, {Seconds{360}, 5}, {Seconds{420}, 0},
                      {Seconds{600}, 2}, {Seconds{900}, 0}, {Seconds{0}, 0}};
    CHECK(wait_ranges(waits) == std::vector<WaitRange>{{Seconds{300}, Seconds{360}, 5},
                                                       {Seconds{360}, Seconds{420}, 0},
                                                       {Seconds{420}, Seconds{600}, 2}});
    CHECK(wait_ranges({{Seconds{60}, 0}, {Seconds{0}, 3}}) ==
          std::vector<WaitRange>{{Seconds{60}, Seconds{0}, 3}});
    CHECK(wait_ranges({{Seconds{60}, 0}}).empty());
    CHECK(percentile(waits, 0.5) == Wait{Seconds{342}, false});
}

TEST_CASE("the sentence says what never came back and how long the others waited") {
    const std::vector<WaitCount> waits{{last_day, "a", Seconds{300}, 1},
                                       {last_day, "a", Seconds{420}, 97},
                                       {last_day, "a", Seconds{3600}, 2}};
    CHECK(
        sentence(days({{last_day - std::chrono::days{29}, "a", "reconnect_ok", 470},
                       {last_day, "a", "never_retried", 734}},
                      waits)) ==
        "Of 1,204 strangers in 30 days, 61 % never came back; honest mail waited 6 min in the middle, 34 min "
        "at p99.");
}

TEST_CASE("the sentence without figures says why there are none") {
    Figures figures = days({});
    CHECK(
        sentence(figures) ==
        "There are no daily statistics of this period yet: sqlgrey writes them every 5 min (stats_interval) "
        "while it runs.");
    figures.stats_interval.reset();
    CHECK(sentence(figures) ==
          "There are no daily statistics, because stats_interval is 0: set it and reload.");
}

TEST_CASE("on the first day the sentence does not claim to know who never comes back") {
    const Figures figures =
        days({{last_day, "a", "first_attempt", 1204}, {last_day, "a", "reconnect_ok", 480}},
             {{last_day, "a", Seconds{300}, 0}, {last_day, "a", Seconds{600}, 480}});
    CHECK(sentence(figures) ==
          "1,204 strangers had to wait on 27 November 2026, 480 came back so far; how many never do is known "
          "after 24 h (max_connect_age); honest mail waited 8 min in the middle, 10 min at p99.");
}

TEST_CASE("on the second day, too, when of its first attempts only some can have expired") {
    const std::vector<Count> counts{{day_before, "a", "first_attempt", 9},
                                    {last_day, "a", "reconnect_ok", 4}};
    CHECK(sentence(days(counts)) ==
          "9 strangers had to wait in 2 days, 4 came back so far; how many never do is known after 24 h "
          "(max_connect_age); no mail passed after a retry.");
    std::vector<Count> later = counts;
    later.push_back({last_day, "a", "never_retried", 1});
    CHECK(sentence(days(later)) == sentence(days(counts)));
    Figures figures = days(later);
    CHECK(is_too_early(figures));
    figures.made += std::chrono::hours{6};
    CHECK(sentence(figures) ==
          "Of 5 strangers in 2 days, 20 % never came back; no mail passed after a retry.");
}

TEST_CASE("a short period of older statistics has what expired of the days before") {
    Figures figures = days({{last_day, "a", "first_attempt", 9},
                            {last_day, "a", "reconnect_ok", 4},
                            {last_day, "a", "never_retried", 4}});
    CHECK(is_too_early(figures));
    figures.first = last_day;
    CHECK(sentence(figures) ==
          "Of 8 strangers on 27 November 2026, 50 % never came back; no mail passed after a retry.");
}

TEST_CASE("the sentence of days on which nothing waited, or nothing came back") {
    CHECK(sentence(days({{day_before, "a", "from_awl", 9}, {last_day, "a", "from_awl", 9}})) ==
          "No stranger had to wait in 2 days; no mail passed after a retry.");
    const Date long_ago = last_day - std::chrono::days{3};
    CHECK(
        sentence(days({{long_ago, "a", "first_attempt", 1}})) ==
        "1 stranger had to wait on 24 November 2026, none of them has come back yet; no mail passed after a "
        "retry.");
    CHECK(sentence(days({{day_before, "a", "never_retried", 5}})) ==
          "Of 5 strangers on 26 November 2026, 100 % never came back; no mail passed after a retry.");
}

TEST_CASE("numbers and times are written for people") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1'204'000) == "1,204,000");
    CHECK(grouped(-1'234) == "-1,234");
    CHECK(shortened(950) == "950");
    CHECK(shortened(1'250) == "1.3k");
    CHECK(shortened(12'000) == "12k");
    CHECK(shortened(3'400'000) == "3.4M");
    CHECK(percent(1, 0) == "-");
    CHECK(percent(1, 1000) == "< 1 %");
    CHECK(percent(999, 1000) == "> 99 %");
    CHECK(percent(0, 9) == "0 %");
    CHECK(percent(9, 9) == "100 %");
    CHECK(duration(Seconds{45}) == "45 s");
    CHECK(duration(Seconds{60}) == "1 min");
    CHECK(duration(Seconds{400}) == "7 min");
    CHECK(duration(Seconds{3900}) == "1 h 5 min");
    CHECK(duration(Seconds{75'600}) == "21 h");
    CHECK(duration(Seconds{86'400 * 2 + 3'600 * 3}) == "2 days 3 h");
    CHECK(duration(Seconds{-5}) == "0 s");
    CHECK(iso(last_day) == "2026-11-27");
    CHECK(moment(last_day + std::chrono::minutes{65}) == "2026-11-27 01:05 UTC");
}

TEST_CASE("nothing in a name is HTML, and nothing of it is unseen") {
    CHECK(html("\"><script>&'") == "&quot;&gt;&lt;script&gt;&amp;&#39;");
    CHECK(html("a\x01\n\xff") == "a\\x01\\x0a\\xff");
    CHECK(html("\xe2\x80\xae"
               "exe.gpj") ==
          "\\xe2\\x80\\xae"
          "exe.gpj");  // right-to-left override
    CHECK(html("a\xe2\x80\x8b\xef\xbb\xbf\xe2\x81\xa6z") ==
          "a\\xe2\\x80\\x8b\\xef\\xbb\\xbf\\xe2\\x81\\xa6z");
    CHECK(html("gr\xc3\xbc\xc3\x9f\x65") == "gr\xc3\xbc\xc3\x9f\x65");
    CHECK(html(std::string(100, 'w'), 64) == std::string(64, 'w') + "…");
    CHECK(html(std::string(64, 'w'), 64) == std::string(64, 'w'));
}

TEST_CASE("a word for a shell cannot be more than one word") {
    CHECK(shell_word("192.0.2.0/24") == "192.0.2.0/24");
    CHECK(shell_word("") == "''");
    CHECK(shell_word("a b") == "'a b'");
    CHECK(shell_word("'; rm -rf / #") == "''\\''; rm -rf / #'");
    CHECK(shell_word("$(reboot)`id`") == "'$(reboot)`id`'");
}

TEST_CASE("every verdict of a mail belongs to a group") {
    for (std::size_t i = 0; i < greylist::verdict_count; ++i) {
        const auto verdict = static_cast<greylist::Verdict>(i);
        const bool is_mail =
            verdict != greylist::Verdict::not_a_policy_request && verdict != greylist::Verdict::unusable;
        CHECK(group_of(name(verdict)).has_value() == is_mail);
    }
    CHECK_FALSE(group_of("never_retried"));
}

TEST_CASE("days and hosts are added up from what each host counted") {
    const Figures figures = days(
        {{last_day, "b", "from_awl", 5},
         {last_day, "a", "first_attempt", 70},
         {last_day, "a", "rows:connect", 900},
         {last_day, "b", "rows:connect", 901},
         {last_day, "b", "passed_by_policy", 3},
         {last_day, "b", "store_unavailable", 3},
         {day_before, "a", "from_awl", 1},
         {last_day, "a", "unknown_name", 9}},
        {{last_day, "a", Seconds{0}, 2}, {last_day, "b", Seconds{60}, 1}, {last_day, "a", Seconds{60}, 4}});
    REQUIRE(figures.days.size() == 2);
    CHECK(figures.days[0].date == day_before);
    const DayFigures& day = figures.days[1].figures;
    CHECK(day.all_requests() == 78);
    CHECK(day.of(Group::known) == 5);
    CHECK(day.passed_without_database == 3);
    CHECK(day.rows[0] == 901);
    CHECK_FALSE(day.rows[1]);
    CHECK(day.waits == Waits{{Seconds{60}, 5}, {Seconds{0}, 2}});
    REQUIRE(figures.hosts.size() == 2);
    CHECK(figures.hosts[0].name == "a");
    CHECK(figures.hosts[0].deferred == 70);
    CHECK(figures.hosts[1].without_database == 3);
}

TEST_CASE("what no daemon with a right clock has written is left out") {
    constexpr auto huge = std::int64_t{1} << 62;
    const Date tomorrow = last_day + std::chrono::days{1};
    const Figures figures = days({{last_day, "a", "first_attempt", 7},
                                  {last_day, "b", "first_attempt", huge},
                                  {last_day, "c", "first_attempt", huge},
                                  {last_day, "d", "never_retried", -3},
                                  {last_day - std::chrono::days{30}, "a", "from_awl", 1},
                                  {tomorrow, "a", "from_awl", 2},
                                  {tomorrow + std::chrono::days{1}, "a", "from_awl", 4},
                                  {std::chrono::year{9999} / 12 / 31, "a", "from_awl", 8}},
                                 {{last_day, "a", Seconds{60}, 5},
                                  {last_day, "a", Seconds{-60}, 1},
                                  {last_day, "a", Seconds{huge}, 1},
                                  {last_day, "b", Seconds{60}, huge},
                                  {last_day, "c", Seconds{60}, -1}});
    REQUIRE(figures.days.size() == 2);
    CHECK(figures.days.back().date == tomorrow);
    const DayFigures total = total_of(figures);
    CHECK(total.all_requests() == 9);
    CHECK(total.never_retried == 0);
    CHECK(total.waits == Waits{{Seconds{60}, 5}});
    CHECK(figures.hosts.size() == 1);
}

TEST_CASE("of many hosts those with the most requests are kept") {
    std::vector<Count> counts;
    for (int i = 0; i < 30; ++i) counts.push_back({last_day, "mx" + std::to_string(i), "from_awl", i});
    const Figures figures = days(counts);
    REQUIRE(figures.hosts.size() == most_hosts);
    CHECK(figures.hosts.front().name == "mx29");
    CHECK(figures.further_hosts == 10);
    CHECK(hosts_table(figures).note ==
          "Requests, and the share of them that was deferred. And 10 further hosts.");
}

TEST_CASE("a long period is shown by weeks that end with it, with the days that have no figures") {
    CHECK(steps_of(figures_of(30, 1)).size() == 30);
    CHECK(steps_of(figures_of(92, 1)).size() == 92);
    const auto weeks = steps_of(figures_of(93, 1));
    CHECK(weeks.size() == 14);
    CHECK(weeks[0].first == weeks[0].last - std::chrono::days{1});
    CHECK(weeks[1].first == weeks[0].last + std::chrono::days{1});
    CHECK(weeks[1].last == weeks[1].first + std::chrono::days{6});
    CHECK(weeks.back().last == last_day);
    CHECK(steps_of(figures_of(400, 1)).size() == 29);
    const auto holed = steps_of(
        days({{last_day - std::chrono::days{9}, "a", "from_awl", 1}, {last_day, "a", "from_awl", 1}}));
    REQUIRE(holed.size() == 10);
    CHECK(holed[0].has_figures);
    CHECK_FALSE(holed[1].has_figures);
    CHECK(steps_of(days({})).empty());
}

TEST_CASE("weeks add up to the same as days") {
    const Figures figures = figures_of(400, 3);
    DayFigures of_steps;
    for (const Step& step : steps_of(figures)) of_steps.add(step.figures);
    CHECK(of_steps.requests == total_of(figures).requests);
    CHECK(of_steps.waits == total_of(figures).waits);
    CHECK(of_steps.rows == figures.days.back().figures.rows);
}

TEST_CASE("the command of a source is one that a shell passes on as it is") {
    Figures figures = days({});
    figures.sources.push_back({"@a b", "a b'c", "", 1, 1, 1, {}});
    figures.sources.push_back({"x", "", "", 1, 1, 1, {}});
    CHECK(allow_command(figures, figures.sources[0]) == "sqlgreyctl allow --client 'a b'\\''c'");
    figures.ctl = "sqlgreyctl -f '/etc/second daemon.conf'";
    const Table table = sources_table(figures);
    CHECK(std::get<std::string>(table.rows[0].back()) ==
          "sqlgreyctl -f '/etc/second daemon.conf' allow --client 'a b'\\''c'");
    CHECK(std::holds_alternative<std::monostate>(table.rows[1].back()));
}

TEST_CASE("every row of a table has a cell for each column") {
    for (const int count : {1, 30, 400})
        for (const Table& table : tables_of(figures_of(count, 2))) {
            INFO(table.name);
            CHECK((!table.rows.empty() || !table.note.empty()));
            for (const auto& row : table.rows) CHECK(row.size() == table.columns.size());
        }
    CHECK(summary_table(figures_of(30, 2)).rows[0].size() == summary_table(figures_of(30, 2)).columns.size());
}
