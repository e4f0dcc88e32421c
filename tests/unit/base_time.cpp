#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/time.hpp"

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

using namespace sqlgrey::base;

TEST_CASE("a duration is shown as hours, minutes and seconds") {
    CHECK(hh_mm_ss(Seconds{0}) == "00:00:00");
    CHECK(hh_mm_ss(Seconds{59}) == "00:00:59");
    CHECK(hh_mm_ss(Seconds{60}) == "00:01:00");
    CHECK(hh_mm_ss(Seconds{3600 + 23 * 60 + 4}) == "01:23:04");
    CHECK(hh_mm_ss(Seconds{24 * 3600 - 1}) == "23:59:59");
    CHECK(hh_mm_ss(Seconds{100 * 3600}) == "100:00:00");
}

TEST_CASE("a negative duration is shown as nothing") {
    CHECK(hh_mm_ss(Seconds{-1}) == "00:00:00");
    CHECK(hh_mm_ss(Seconds::min()) == "00:00:00");
}

TEST_CASE("a time and its seconds since 1970 are two forms of one value") {
    CHECK(epoch(at(0)) == 0);
    CHECK(epoch(at(1'700'000'000)) == 1'700'000'000);
    CHECK(at(5) - at(2) == Seconds{3});
}

TEST_CASE("a date is that of the local time") {
    const char* zone = ::getenv("TZ");
    const std::string before = zone ? zone : "";
    const Time late = at(1'795'823'999);  // 2026-11-27T23:59:59Z
    for (const auto& [name, date] :
         {std::pair{"UTC0", "2026-11-27"}, {"CET-1", "2026-11-28"}, {"EST5", "2026-11-27"}}) {
        ::setenv("TZ", name, 1);
        ::tzset();
        CHECK(iso_date(local_date(late)) == date);
    }
    zone ? ::setenv("TZ", before.c_str(), 1) : ::unsetenv("TZ");
    ::tzset();
    CHECK(rfc3339(late) == "2026-11-27T23:59:59Z");
}

TEST_CASE("a time is shown with all its digits, whatever the year") {
    CHECK(rfc3339(at(0)) == "1970-01-01T00:00:00Z");
    CHECK(rfc3339(at(951'782'400 + 3'600 * 23 + 59 * 60 + 8)) == "2000-02-29T23:59:08Z");
    CHECK(rfc3339(at(-1)) == "1969-12-31T23:59:59Z");
    CHECK(rfc3339(at(253'402'300'799)) == "9999-12-31T23:59:59Z");
    CHECK(rfc3339(at(253'402'300'800)) == "10000-01-01T00:00:00Z");
}

TEST_CASE("the system clock returns the machine's time") {
    const std::int64_t before = ::time(nullptr);
    const std::int64_t told = epoch(SystemClock{}.now());
    // The kernel's coarse clock, which time(2) may read, lags by some milliseconds.
    CHECK(told >= before);
    CHECK(told <= ::time(nullptr) + 1);
}

TEST_CASE("the manual clock moves by hand only") {
    ManualClock clock(at(1000));
    CHECK(clock.now() == at(1000));
    clock.advance(Seconds{300});
    CHECK(clock.now() == at(1300));
}

TEST_CASE("an error of the system carries the name of the thing") {
    CHECK(with_errno("/no/such/file", ENOENT) == "/no/such/file: No such file or directory");
}
