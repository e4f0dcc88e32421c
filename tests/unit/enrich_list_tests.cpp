// When DNS lists are tested, and what is remembered of those that are switched off.
#include "sqlgrey/enrich/counters.hpp"
#include "sqlgrey/enrich/list_tests.hpp"

#include <memory>

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace sqlgrey::enrich;
using namespace std::chrono_literals;
using Result = ListAnswer::Kind;

namespace {

const DnsList zen{DnsList::Kind::black, "zen.spamhaus.org", {{}}};
const DnsList other{DnsList::Kind::black, "bl.example", {{}}};
const DnsList other_as_white{DnsList::Kind::white, "bl.example", {{}}};
constexpr ListTests::Clock::time_point start{1000h};

}  // namespace

TEST_CASE("a list is tested before its first answer counts, and then once an hour") {
    ListTests tests;
    REQUIRE(tests.is_due(zen, start));
    REQUIRE(tests.is_due(zen, start));
    tests.note(zen, Result::not_listed, start);
    REQUIRE_FALSE(tests.is_due(zen, start));
    REQUIRE_FALSE(tests.is_due(zen, start + 3599s));
    REQUIRE(tests.is_due(zen, start + 3600s));
    tests.note(zen, Result::not_listed, start + 3700s);
    REQUIRE_FALSE(tests.is_due(zen, start + 3600s + 3699s));
    REQUIRE(tests.is_due(zen, start + 3600s + 3700s));
}

TEST_CASE("a test without an answer is repeated after a minute") {
    ListTests tests;
    tests.note(zen, Result::failed, start);
    REQUIRE_FALSE(tests.is_due(zen, start + 59s));
    REQUIRE(tests.is_due(zen, start + 60s));
    tests.note(zen, Result::not_listed, start + 60s);
    REQUIRE_FALSE(tests.is_due(zen, start + 120s));
}

TEST_CASE("a list that has failed is tested with the next question about a client") {
    ListTests tests;
    tests.note(zen, Result::not_listed, start);
    tests.note(zen, Result::refused, start + 3600s);
    REQUIRE(tests.is_due(zen, start + 3600s));
    tests.note(zen, Result::not_listed, start + 7200s);
    REQUIRE_FALSE(tests.is_due(zen, start + 7200s));
}

TEST_CASE("lists are tested by themselves, and a zone that is both kinds of list once") {
    ListTests tests;
    tests.note(other, Result::not_listed, start);
    REQUIRE_FALSE(tests.is_due(other_as_white, start));
    REQUIRE(tests.is_due(zen, start));
}

TEST_CASE("facts of a list are doubted until the time that is noted for it, and those of others never") {
    const auto counters = std::make_unique<Counters>();
    const base::Time now = base::at(1'800'000'000);
    REQUIRE_FALSE(is_doubted(*counters, "dnswl wl.example", now));
    state_of(*counters, "dnsbl wl.example");
    ListState& state = state_of(*counters, "dnswl wl.example");
    REQUIRE_FALSE(is_doubted(*counters, "dnswl wl.example", now));
    state.doubted_until.set(base::epoch(now + 60s));
    REQUIRE(is_doubted(*counters, "dnswl wl.example", now));
    REQUIRE(is_doubted(*counters, "dnswl wl.example", now + 59s));
    REQUIRE_FALSE(is_doubted(*counters, "dnswl wl.example", now + 60s));
    for (const char* source : {"dnsbl wl.example", "dnswl list.dnswl.org", "spf", "asked", ""})
        REQUIRE_FALSE(is_doubted(*counters, source, now));
}
