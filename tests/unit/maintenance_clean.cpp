// Cleaning: when, in slices, and what is logged.
#include "sqlgrey/maintenance/maintenance.hpp"

#include <catch2/catch.hpp>

namespace sqlgrey::maintenance {
namespace {

using namespace std::chrono_literals;

struct FakeCleaning final : greylist::Cleaning {
    bool claim(base::Seconds period) override {
        asked_period = period;
        return elected;
    }
    long long expire_from_awl(base::Seconds age) override { return take(from_slices, age, awl_age); }
    long long expire_domain_awl(base::Seconds age) override { return take(domain_slices, age, awl_age); }
    long long expire_client_awl(base::Seconds age) override { return take(client_slices, age, awl_age); }
    long long expire_connect(base::Seconds age,
                             const std::function<void(const greylist::NeverRetried&)>& tell) override {
        if (connect_slices.empty()) return 0;
        tell({"192.0.2", "alice", "example.org", "bob@example.net", "1700000000"});
        return take(connect_slices, age, connect_age);
    }
    static long long take(std::vector<long long>& slices, base::Seconds age, base::Seconds& asked) {
        asked = age;
        if (slices.empty()) return 0;
        const long long slice = slices.back();
        slices.pop_back();
        return slice;
    }

    bool elected = true;
    std::vector<long long> from_slices, domain_slices, client_slices, connect_slices;
    base::Seconds asked_period{}, awl_age{}, connect_age{};
};

struct CleaningTest {
    std::vector<std::string> lines;
    log::Logger logger{log::Levels{}, std::make_unique<log::MemorySink>(lines)};
    FakeCleaning cleaning;
    int pauses = 0;
    bool go_on = true;
    void clean() {
        clean_if_due(cleaning, {1800s, 99h, 24h}, logger, [this](base::Milliseconds) {
            ++pauses;
            return go_on;
        });
    }
};

}  // namespace

TEST_CASE_METHOD(CleaningTest, "who is not elected cleans nothing and says nothing") {
    cleaning.elected = false;
    cleaning.from_slices = {500};
    clean();
    CHECK(cleaning.asked_period == 1800s);
    CHECK(cleaning.from_slices.size() == 1);
    CHECK(lines.empty());
}

TEST_CASE_METHOD(CleaningTest, "all slices go, with a pause after each, and are counted") {
    cleaning.from_slices = {3, 500, 500};
    cleaning.domain_slices = {2};
    cleaning.connect_slices = {1};
    clean();
    CHECK(pauses == 5);
    CHECK(cleaning.awl_age == 99h);
    CHECK(cleaning.connect_age == 24h);
    CHECK(lines ==
          std::vector<std::string>{"spam: 192.0.2: alice@example.org -> bob@example.net at 1700000000",
                                   "perf: spent 0s cleaning: from_awl (1003) domain_awl (2) connect (1)"});
}

TEST_CASE_METHOD(CleaningTest, "an order to stop is obeyed after the slice in hand") {
    cleaning.from_slices = {500, 500};
    cleaning.domain_slices = {500, 500};
    go_on = false;
    clean();
    CHECK(cleaning.from_slices.size() == 1);
    CHECK(cleaning.domain_slices.size() == 1);
}

}  // namespace sqlgrey::maintenance
