// What is counted of decisions, and that each count is that of the log.
#include "service_fixture.hpp"

namespace sqlgrey::service {

using greylist::Verdict;

namespace {

struct CountersTest : ServiceTest {
    std::uint64_t of(Verdict verdict) { return counters.of(verdict).value(); }
    std::uint64_t of(DatabaseFailure failure) { return counters.of(failure).value(); }
};

}  // namespace

TEST_CASE_METHOD(CountersTest, "each decision is counted once, and the wait of mail that came back") {
    ask({request("a@example.org"), request("b@example.org")});
    ask(request("a@example.org"));
    clock.advance(301s);
    ask(request("a@example.org"));
    ask(request("a@example.org"));
    CHECK(of(Verdict::first_attempt) == 2);
    CHECK(of(Verdict::early_reconnect) == 1);
    CHECK(of(Verdict::reconnect_ok) == 1);
    CHECK(of(Verdict::from_awl) == 1);
    CHECK(counters.delay.count() == 1);
    CHECK(counters.delay.sum() == 301);
    CHECK(counters.look_up.count() == 4);
    CHECK(counters.write.count() == 2);  // an early reconnect changes nothing, nor does a row that is fresh
}

TEST_CASE_METHOD(CountersTest, "requests that no rule decides are counted too, though not each is logged") {
    policy::Request other = request();
    other.set("request", "other");
    policy::Request unusable = request();
    unusable.set("recipient", "");
    ask({other, other, unusable});
    CHECK(of(Verdict::not_a_policy_request) == 2);
    CHECK(of(Verdict::unusable) == 1);
    CHECK(counters.look_up.count() == 0);
}

TEST_CASE_METHOD(CountersTest,
                 "requests during an outage are counted by what answered them, and failures by kind") {
    store->failing = true;
    server_is_there = false;
    ask(request());
    CHECK(of(Verdict::store_unavailable) == 1);
    CHECK(counters.passed_by_policy.value() == 1);
    CHECK(of(DatabaseFailure::unavailable) == 2);  // the visit, and the new session
    ask_without_database({request(), request()});
    CHECK(of(Verdict::store_unavailable) == 3);
    CHECK(counters.passed_by_policy.value() == 3);
    refusal = "a table is missing";
    service->recover();
    CHECK(of(DatabaseFailure::schema) == 1);
}

TEST_CASE_METHOD(CountersTest, "on_db_failure = defer is counted as that, and a visit that takes too long") {
    rules.pass_without_database = false;
    service = make();
    service->give_up();
    ask_without_database({request()});
    CHECK(counters.deferred_by_policy.value() == 1);
    CHECK(counters.passed_by_policy.value() == 0);
    CHECK(of(DatabaseFailure::timeout) == 1);
}

}  // namespace sqlgrey::service
