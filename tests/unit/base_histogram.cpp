// Which bucket a value belongs to.
#include "sqlgrey/base/histogram.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey::base;

TEST_CASE("a value belongs to the first bucket whose bound is not below it, or to the last") {
    Histogram<std::array<std::uint64_t, 2>{10, 20}> histogram;
    for (const std::uint64_t value : {0, 10, 11, 20, 21, 1000}) histogram.add(value);
    CHECK(histogram.count(0) == 2);
    CHECK(histogram.count(1) == 2);
    CHECK(histogram.count(2) == 2);
    CHECK(histogram.count() == 6);
    CHECK(histogram.sum() == 1062);
}
