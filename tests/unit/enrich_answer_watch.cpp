#include "sqlgrey/enrich/answer_watch.hpp"

#include <catch2/catch.hpp>

namespace sqlgrey::enrich {

using namespace std::chrono_literals;
using net::AnswerKind;
using Change = AnswerWatch::Change;

namespace {

const AnswerWatch::Clock::time_point start{};

// Notes that many questions without an answer; the change of the last.
Change none_answered(AnswerWatch& watch, std::size_t count, AnswerWatch::Clock::time_point now) {
    Change last = Change::none;
    for (std::size_t i = 0; i < count; ++i) {
        CHECK(last == Change::none);
        last = watch.note(i % 2 == 0 ? AnswerKind::timeout : AnswerKind::servfail, now);
    }
    return last;
}

}  // namespace

TEST_CASE("DNS is silent after twenty questions without an answer in ten seconds or more, told once") {
    AnswerWatch watch;
    CHECK(none_answered(watch, 100, start) == Change::none);
    CHECK(watch.note(AnswerKind::timeout, start + 9s) == Change::none);
    CHECK(watch.note(AnswerKind::timeout, start + 10s) == Change::silent);
    CHECK(none_answered(watch, 100, start + 20s) == Change::none);
    CHECK(watch.note(AnswerKind::nxdomain, start + 30s) == Change::answers);
    CHECK(watch.note(AnswerKind::records, start + 30s) == Change::none);
    CHECK(none_answered(watch, 19, start + 30s) == Change::none);
    CHECK(watch.note(AnswerKind::servfail, start + 40s) == Change::silent);
}

TEST_CASE("one answer between questions without one is enough") {
    AnswerWatch watch;
    CHECK(none_answered(watch, 19, start) == Change::none);
    for (const AnswerKind kind : {AnswerKind::no_data, AnswerKind::malformed}) {
        CHECK(watch.note(kind, start + 10s) == Change::none);
        CHECK(none_answered(watch, 19, start + 20s) == Change::none);
    }
    CHECK(watch.note(AnswerKind::timeout, start + 29s) == Change::none);
    CHECK(watch.note(AnswerKind::timeout, start + 30s) == Change::silent);
}

}  // namespace sqlgrey::enrich
