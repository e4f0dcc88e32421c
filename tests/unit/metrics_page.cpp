// What the page says of counters.
#include "sqlgrey/metrics/page.hpp"

#include <memory>
#include <sstream>

#include <catch2/catch.hpp>

namespace sqlgrey::metrics {
namespace {

struct PageTest {
    std::unique_ptr<Counters> counters = std::make_unique<Counters>();
    State state{"2.0.0"};

    // The value of one line, or nothing.
    std::string value(const std::string& sample, Format format = Format::prometheus) const {
        std::istringstream lines(page(*counters, state, format));
        for (std::string line; std::getline(lines, line);)
            if (line.starts_with(sample + " ")) return line.substr(sample.size() + 1);
        return {};
    }
    long lines() const {
        const std::string text = page(*counters, state, Format::prometheus);
        return std::count(text.begin(), text.end(), '\n');
    }
};

}  // namespace

TEST_CASE_METHOD(PageTest, "totals are those of all slots") {
    counters->decisions[0].of(greylist::Verdict::first_attempt).add(3);
    counters->decisions[255].of(greylist::Verdict::first_attempt).add(4);
    counters->decisions[7].of(greylist::Verdict::rows_locked).add();
    counters->decisions[7].list_hits[static_cast<std::size_t>(lists::ListName::blacklist_senders)].add(2);
    CHECK(value("sqlgrey_decisions_total{verdict=\"first_attempt\"}") == "7");
    CHECK(value("sqlgrey_decisions_total{verdict=\"rows_locked\"}") == "1");
    CHECK(value("sqlgrey_decisions_total{verdict=\"early_reconnect\"}") == "0");
    CHECK(value("sqlgrey_list_hits_total{list=\"blacklist_senders\"}") == "2");
    CHECK(value("sqlgrey_decisions_total{verdict=\"?\"}").empty());  // each verdict has a name
}

TEST_CASE_METHOD(PageTest, "histograms are those of all slots, in seconds") {
    counters->decisions[0].delay.add(301);
    counters->decisions[1].delay.add(60);
    counters->decisions[1].write.add(1500);
    counters->requests[2].request_time.add(2500);
    counters->requests[3].held.add(2);
    CHECK(value("sqlgrey_delay_seconds_bucket{le=\"60.0\"}") == "1");
    CHECK(value("sqlgrey_delay_seconds_bucket{le=\"600.0\"}") == "2");
    CHECK(value("sqlgrey_delay_seconds_sum") == "361.0");
    CHECK(value("sqlgrey_database_seconds_sum{visit=\"write\"}") == "0.0015");
    CHECK(value("sqlgrey_database_seconds_count{visit=\"lookup\"}") == "0");
    CHECK(value("sqlgrey_request_seconds_bucket{le=\"0.005\"}") == "1");
    CHECK(value("sqlgrey_held_requests_total") == "2");
}

TEST_CASE_METHOD(PageTest, "entries and ages of lists are those that a worker has told") {
    state.now = base::at(1'700'000'100);
    CHECK(value("sqlgrey_list_entries{list=\"whitelist_senders\"}").empty());
    const auto senders = static_cast<std::size_t>(lists::ListName::whitelist_senders);
    counters->lists.entries[senders].set(7);
    counters->lists.changed_at[senders].set(1'700'000'000);
    counters->lists.known.set(1);
    CHECK(value("sqlgrey_list_entries{list=\"whitelist_senders\"}") == "7");
    CHECK(value("sqlgrey_list_entries{list=\"blacklist_senders\"}") == "0");
    CHECK(value("sqlgrey_list_age_seconds{list=\"whitelist_senders\"}") == "100");
    CHECK(value("sqlgrey_list_age_seconds{list=\"blacklist_senders\"}").empty());  // there is no file
    state.now = base::at(1'600'000'000);  // a clock that was set back
    CHECK(value("sqlgrey_list_age_seconds{list=\"whitelist_senders\"}") == "0");
}

TEST_CASE_METHOD(PageTest, "pool joins are shown by their evidence") {
    counters->decisions[0].pool_joins[1].add(2);
    counters->decisions[9].pool_joins[1].add(3);
    CHECK(value("sqlgrey_pool_joins_total{evidence=\"network\"}") == "5");
    CHECK(value("sqlgrey_pool_joins_total{evidence=\"name\"}") == "0");
    CHECK(value("sqlgrey_pool_joins_total{evidence=\"retries\"}") == "0");
}

TEST_CASE_METHOD(PageTest, "the tarpit: who found a place, and how many places are taken now") {
    counters->decisions[0].tarpit_slept.add(2);
    counters->decisions[9].tarpit_slept.add(3);
    counters->decisions[9].tarpit_full.add(1);
    service::Tarpit tarpit(counters->tarpit, 10);
    state.now = base::at(1'000'000);
    REQUIRE(tarpit.take(state.now - base::Seconds{60}, base::Seconds{60}));
    REQUIRE(tarpit.take(state.now - base::Seconds{59}, base::Seconds{60}));
    CHECK(value("sqlgrey_tarpit_total{result=\"slept\"}") == "5");
    CHECK(value("sqlgrey_tarpit_total{result=\"full\"}") == "1");
    CHECK(value("sqlgrey_tarpit_clients") == "1");
}

TEST_CASE_METHOD(PageTest, "open connections are those passed, without those closed or lost with a child") {
    counters->workers[0].passed.add(10);
    counters->workers[0].lost.add(2);
    counters->requests[0].closed.add(5);
    CHECK(value("sqlgrey_connections") == "3");
}

TEST_CASE_METHOD(PageTest, "a worker lives from its start to its end") {
    counters->workers[0].starts.add(3);
    counters->workers[0].ends.add(2);
    counters->workers[1].starts.add();
    CHECK(value("sqlgrey_workers") == "2");
    CHECK(living_workers(*counters) == 2);
}

TEST_CASE_METHOD(PageTest, "what is not known yet is not shown") {
    CHECK(value("sqlgrey_rows{table=\"connect\"}").empty());
    CHECK(value("sqlgrey_cleaning_timestamp_seconds").empty());
    counters->rows.counted_at.set(1);
    counters->rows.rows[0].set(12);
    counters->cleaning.cleaned_at.set(1'700'000'000);
    CHECK(value("sqlgrey_rows{table=\"connect\"}") == "12");
    CHECK(value("sqlgrey_cleaning_timestamp_seconds") == "1700000000");
}

TEST_CASE_METHOD(PageTest, "the number of lines is bounded, whatever is counted") {
    counters->rows.counted_at.set(1);
    counters->cleaning.cleaned_at.set(1);
    counters->lists.known.set(1);
    for (auto& list : counters->lists.changed_at) list.set(1);
    CHECK(lines() < 300);
}

TEST_CASE_METHOD(PageTest, "an outage and the version are told, in OpenMetrics as in text") {
    state.database_is_up = false;
    for (const Format format : {Format::prometheus, Format::openmetrics}) {
        CHECK(value("sqlgrey_database_up", format) == "0");
        CHECK(value("sqlgrey_build_info{version=\"2.0.0\"}", format) == "1");
    }
    CHECK(page(*counters, state, Format::openmetrics).ends_with("\n# EOF\n"));
}

}  // namespace sqlgrey::metrics
