#include "sqlgrey/greylist/crowd.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace sqlgrey::greylist;

namespace {

const base::Time start = base::at(1'700'000'000);

bool crowd(long long never, long long came_back, long long pool_crowd = 20) {
    return is_crowd({never, came_back, start}, pool_crowd);
}

}  // namespace

TEST_CASE("an organisation is a crowd if 20 mails were never retried and fewer than 20 % were") {
    CHECK_FALSE(crowd(0, 0));
    CHECK_FALSE(crowd(19, 0));
    CHECK(crowd(20, 0));
    CHECK(crowd(20, 4));        // 4 of 24
    CHECK_FALSE(crowd(20, 5));  // 5 of 25
    CHECK(crowd(1000, 249));
    CHECK_FALSE(crowd(1000, 250));
    CHECK_FALSE(crowd(1000, 100'000));
}

TEST_CASE("pool_crowd is the number of mails; 0 means never") {
    CHECK(crowd(1, 0, 1));
    CHECK_FALSE(crowd(4, 0, 5));
    CHECK_FALSE(crowd(1'000'000, 0, 0));
}

TEST_CASE("the count of mails never retried is halved each month") {
    const PoolCount count{81, 7, start};
    const auto after = [&](base::Seconds time) { return halved(count, start + time); };
    CHECK(after(base::Seconds{0}) == count);
    CHECK(after(halving_period - base::Seconds{1}) == count);
    CHECK(after(halving_period) == PoolCount{40, 7, start + halving_period});
    CHECK(after(halving_period * 2 + base::Seconds{5}) == PoolCount{20, 7, start + halving_period * 2});
    CHECK(after(halving_period * 1000).never_came_back == 0);
}

TEST_CASE("a count is halved monthly, however often it is read") {
    PoolCount often{81, 0, start};
    for (int day = 1; day <= 65; ++day) often = halved(often, start + std::chrono::hours{24 * day});
    CHECK(often == halved({81, 0, start}, start + std::chrono::hours{24 * 65}));
}

TEST_CASE("a time in the future does not delay halving for long") {
    const PoolCount ahead{80, 0, start + std::chrono::hours{24 * 3650}};
    CHECK(halved(ahead, start) == PoolCount{80, 0, start});
}

TEST_CASE("a crowd recovers") {
    PoolCount count{39, 0, start};
    CHECK(is_crowd(count, 20));
    CHECK_FALSE(is_crowd(halved(count, start + halving_period), 20));
}
