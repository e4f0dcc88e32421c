// Cleaning: when, in which slices, and its log lines.
#include "sqlgrey/maintenance/maintenance.hpp"

#include <algorithm>
#include <map>

#include <catch2/catch.hpp>

namespace sqlgrey::maintenance {
namespace {

using namespace std::chrono_literals;

struct FakeCleaning final : greylist::Cleaning {
    bool claim(base::Seconds period) override {
        asked_period = period;
        return elected;
    }
    long long expire(greylist::AwlTable table, base::Seconds age) override {
        using enum greylist::AwlTable;
        const bool has_own_end =
            table == lists || table == expectation || table == fact || table == spf_network;
        return take(slices[table], age, has_own_end ? age_behind_end : awl_age);
    }
    long long expire_connect(
        base::Seconds age,
        const std::function<void(std::span<const greylist::NeverRetried>)>& tell) override {
        if (connect_slices.empty()) return 0;
        std::vector<greylist::NeverRetried> expired;
        for (const auto& [src, sender] : never_retried)
            expired.push_back({src, sender, "example.org", "bob@example.net", "1700000000"});
        tell(expired);
        return take(connect_slices, age, connect_age);
    }
    base::Time now() override { return base::at(1'700'000'000); }
    std::vector<greylist::CountedPool> counted_pools() override { return counted; }
    long long came_back(const std::string& pool) override { return rows[pool]; }
    void put_counted_pools(std::span<const greylist::CountedPool> pools) override {
        for (const greylist::CountedPool& pool : pools) {
            ++pools_written;
            if (!keeps_new && !pool.src.starts_with("@known")) continue;
            const auto at = std::ranges::find(counted, pool.src, &greylist::CountedPool::src);
            if (at == counted.end())
                counted.push_back(pool);
            else
                *at = pool;
        }
    }
    static long long take(std::vector<long long>& left, base::Seconds age, base::Seconds& asked) {
        asked = age;
        if (left.empty()) return 0;
        const long long slice = left.back();
        left.pop_back();
        return slice;
    }

    bool elected = true;
    std::map<greylist::AwlTable, std::vector<long long>> slices;
    std::vector<long long> connect_slices;
    // Of each slice: src and sender_name.
    std::vector<std::pair<std::string, std::string>> never_retried{{"192.0.2", "alice"}};
    std::vector<greylist::CountedPool> counted;
    std::map<std::string, long long> rows;
    std::size_t pools_written = 0;
    bool keeps_new = true;
    base::Seconds asked_period{}, awl_age{}, connect_age{}, age_behind_end{99};
};

struct CleaningTest {
    std::vector<std::string> lines;
    log::Logger logger{log::Levels{}, std::make_unique<log::MemorySink>(lines)};
    FakeCleaning cleaning;
    Counters counters;
    int pauses = 0;
    bool go_on = true;
    void clean() {
        clean_if_due(cleaning, {1800s, 99h, 24h}, counters, logger, [this](base::Milliseconds) {
            ++pauses;
            return go_on;
        });
    }
};

}  // namespace

TEST_CASE_METHOD(CleaningTest, "a process that is not elected cleans nothing and logs nothing") {
    cleaning.elected = false;
    cleaning.slices[greylist::AwlTable::from_awl] = {500};
    clean();
    CHECK(cleaning.asked_period == 1800s);
    CHECK(cleaning.slices[greylist::AwlTable::from_awl].size() == 1);
    CHECK(lines.empty());
    CHECK(counters.cleaned_at.value() == 0);
}

TEST_CASE_METHOD(CleaningTest, "all slices go, with a pause after each, and are counted") {
    cleaning.slices[greylist::AwlTable::from_awl] = {3, 500, 500};
    cleaning.slices[greylist::AwlTable::domain_awl] = {2};
    cleaning.connect_slices = {1};
    clean();
    CHECK(pauses == 5);
    CHECK(cleaning.awl_age == 99h);
    CHECK(cleaning.connect_age == 24h);
    CHECK(cleaning.age_behind_end == 0s);
    CHECK(lines ==
          std::vector<std::string>{"spam: 192.0.2: alice@example.org -> bob@example.net at 1700000000",
                                   "perf: spent 0s cleaning: from_awl (1003) domain_awl (2) connect (1)"});
    CHECK(counters.expired_of(greylist::AwlTable::from_awl).value() == 1003);
    CHECK(counters.expired_of(greylist::AwlTable::domain_awl).value() == 2);
    CHECK(counters.expired_of(greylist::AwlTable::client_awl).value() == 0);
    CHECK(counters.expired_of_connect().value() == 1);
    CHECK(counters.never_retried.value() == 1);
    CHECK(counters.cleaned_at.value() > 0);
}

TEST_CASE_METHOD(CleaningTest, "an order to stop is followed after the current slice") {
    cleaning.slices[greylist::AwlTable::from_awl] = {500, 500};
    cleaning.slices[greylist::AwlTable::domain_awl] = {500, 500};
    go_on = false;
    clean();
    CHECK(cleaning.slices[greylist::AwlTable::from_awl].size() == 1);
    CHECK(cleaning.slices[greylist::AwlTable::domain_awl].size() == 1);
}

TEST_CASE_METHOD(CleaningTest,
                 "mails of pools that were never retried are counted, those of clients are not") {
    cleaning.connect_slices = {2, 2};
    cleaning.never_retried = {{"@one.example", "alice"}, {"192.0.2", "bob"}};
    cleaning.rows["@one.example"] = 3;
    clean();
    const base::Time now = cleaning.now();
    CHECK(cleaning.counted == std::vector<greylist::CountedPool>{{"@one.example", {2, 3, now}, false}});
}

TEST_CASE_METHOD(
    CleaningTest,
    "a letter's networks, and its row under the sender's domain, are neither logged nor counted") {
    cleaning.connect_slices = {3};
    cleaning.never_retried = {{"*", "0123"}, {"=example.org", "alice"}, {"192.0.2", "alice"}};
    clean();
    CHECK(cleaning.counted.empty());
    CHECK(counters.never_retried.value() == 1);
    CHECK(lines.size() == 2);
    CHECK(lines.front() == "spam: 192.0.2: alice@example.org -> bob@example.net at 1700000000");
}

TEST_CASE_METHOD(CleaningTest,
                 "a letter of a pool that also has a row of its client is logged and counted once") {
    cleaning.connect_slices = {4};
    cleaning.never_retried = {
        {"192.0.2", "alice"}, {"@one.example", "alice"}, {"192.0.2", "bob"}, {"198.51.100", "bob"}};
    clean();
    CHECK(counters.never_retried.value() == 3);
    CHECK(lines.size() == 4);
    CHECK(lines.front() == "spam: @one.example: alice@example.org -> bob@example.net at 1700000000");
}

TEST_CASE_METHOD(CleaningTest, "a pool of which nothing new is counted is not written") {
    const base::Time now = cleaning.now();
    cleaning.counted = {{"@one.example", {3, 1, now}, false}, {"@two.example", {3, 1, now}, false}};
    cleaning.connect_slices = {1};
    cleaning.never_retried = {{"@two.example", "alice"}};
    clean();
    CHECK(cleaning.pools_written == 1);
    CHECK(cleaning.counted[1].count.never_came_back == 4);
}

TEST_CASE_METHOD(CleaningTest, "organisations that somebody makes up by the thousand take bounded memory") {
    for (int i = 0; i < 10; ++i)
        cleaning.counted.push_back({"@known" + std::to_string(i), {1, 0, cleaning.now()}, false});
    cleaning.connect_slices = {1};
    cleaning.never_retried.assign(1, {"@known3", "alice"});
    for (int i = 0; i < 100'100; ++i)
        cleaning.never_retried.emplace_back("@" + std::to_string(i) + ".example", "alice");
    cleaning.keeps_new = false;
    clean();
    CHECK(cleaning.pools_written == 99'991);  // all others that there is room for, and known3
    CHECK(cleaning.counted[3].count.never_came_back == 2);
}

TEST_CASE_METHOD(CleaningTest, "an order to stop is obeyed between pools, too") {
    for (int i = 0; i < 1000; ++i)
        cleaning.never_retried.emplace_back("@" + std::to_string(i) + ".example", "alice");
    cleaning.connect_slices = {1};
    go_on = false;
    clean();
    CHECK(cleaning.pools_written == 64);
}

TEST_CASE_METHOD(CleaningTest, "a new crowd is logged, and its recovery") {
    cleaning.connect_slices = {1};
    cleaning.never_retried = {{"@one.example", "alice"}};
    const base::Time now = cleaning.now();
    cleaning.counted = {{"@one.example", {19, 0, now}, false}};
    clean();
    CHECK(cleaning.counted == std::vector<greylist::CountedPool>{{"@one.example", {20, 0, now}, true}});
    const auto told = [&](const std::string& text) {
        return std::any_of(lines.begin(), lines.end(),
                           [&](const std::string& line) { return line.find(text) != std::string::npos; });
    };
    CHECK(told("clients of @one.example are a crowd"));
    lines.clear();
    clean();
    CHECK_FALSE(told("crowd"));
    cleaning.counted[0].count.halved_at = now - greylist::halving_period;
    clean();
    CHECK(cleaning.counted == std::vector<greylist::CountedPool>{{"@one.example", {10, 0, now}, false}});
    CHECK(told("clients of @one.example are no longer a crowd"));
}

}  // namespace sqlgrey::maintenance
