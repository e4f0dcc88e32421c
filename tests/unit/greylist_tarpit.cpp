// How long a decision lets Postfix wait, and what targrey makes of a first attempt and of a message that has
// waited.
#include "greylist_fixture.hpp"

namespace sqlgrey::greylist {
namespace {

Policy with_tarpit(bool targrey = false) {
    Policy changed = policy;
    changed.tarpit = base::Seconds{65};
    changed.targrey = targrey;
    return changed;
}
Known waiting_since(base::Seconds ago) {
    Known known;
    known.connect = now - ago;
    return known;
}
RequestFlags may_sleep() {
    RequestFlags flags;
    flags.may_sleep = true;
    return flags;
}
RequestFlags has_slept() {
    RequestFlags flags;
    flags.has_slept = true;
    return flags;
}
RequestFlags survived() {
    RequestFlags flags;
    flags.survived_tarpit = true;
    return flags;
}

}  // namespace

TEST_CASE("a first attempt and an early retry sleep if they may, and nothing else does") {
    const Policy tarpit = with_tarpit();
    CHECK(decide(some_triplet(), {}, now, tarpit, may_sleep()).sleep == 65s);
    CHECK(decide(some_triplet(), waiting_since(60s), now, tarpit, may_sleep()).sleep == 65s);
    CHECK(decide(some_triplet(), waiting_since(10min), now, tarpit, may_sleep()).sleep == 0s);
    CHECK(decide(some_triplet(), {}, now, tarpit).sleep == 0s);
    CHECK(decide(some_triplet(), {}, now, policy, may_sleep()).sleep == 0s);
    Policy throttling = tarpit;
    throttling.connect_src_throttle = 1;
    Known busy;
    busy.src_connect = 5;
    const Outcome throttled = decide(some_triplet(), busy, now, throttling, may_sleep());
    CHECK(throttled.verdict == Verdict::throttled);
    CHECK(throttled.sleep == 0s);
}

TEST_CASE("sleeping changes nothing else of the outcome without targrey") {
    Outcome sleeping = decide(some_triplet(), {}, now, with_tarpit(), may_sleep());
    const Outcome awake = decide(some_triplet(), {}, now, with_tarpit());
    CHECK_FALSE(sleeping.goes_on);
    CHECK(sleeping.verdict == awake.verdict);
    CHECK(sleeping.changes == awake.changes);
    CHECK(sleeping.left == awake.left);
}

TEST_CASE("with targrey a first attempt that sleeps, or whose message has slept, goes on") {
    const Policy targrey = with_tarpit(true);
    const Outcome first = decide(some_triplet(), {}, now, targrey, may_sleep());
    CHECK(first.verdict == Verdict::first_attempt);
    CHECK(first.goes_on);
    CHECK(first.sleep == 65s);
    CHECK(first.changes.size() == 1);
    const Outcome second = decide(some_triplet(), {}, now, targrey, has_slept());
    CHECK(second.goes_on);
    CHECK(second.sleep == 0s);
    CHECK_FALSE(decide(some_triplet(), {}, now, targrey).goes_on);
    const Outcome early = decide(some_triplet(), waiting_since(60s), now, targrey, may_sleep());
    CHECK(early.verdict == Verdict::early_reconnect);
    CHECK(early.sleep == 0s);
    CHECK_FALSE(early.goes_on);
}

TEST_CASE("a message that has survived the tarpit passes as a retry after that time, with a row or without") {
    const Policy targrey = with_tarpit(true);
    for (const Known& known : {Known{}, waiting_since(65s), waiting_since(24h * 30)}) {
        const Outcome outcome = decide(some_triplet(), known, now, targrey, survived());
        CHECK(outcome.verdict == Verdict::reconnect_ok);
        CHECK(outcome.rule == "survived_tarpit");
        CHECK(outcome.waited == 65s);
        REQUIRE(outcome.changes.size() == 1);
        const auto* promoted = std::get_if<PutFromAwl>(&outcome.changes[0]);
        REQUIRE(promoted);
        CHECK(promoted->first_seen == now - 65s);
        CHECK(is_earned(outcome.verdict));
    }
    RequestFlags never = survived();
    never.never_awl = true;
    CHECK(decide(some_triplet(), {}, now, targrey, never).changes.empty());
}

TEST_CASE("with targrey a client on DNS blacklists is deferred for its longer delay, also if it has waited") {
    Policy targrey = with_tarpit(true);
    targrey.dnsbl_delay = 1h;
    Known listed;
    listed.facts.emplace().dnsbl = 2;
    for (const RequestFlags& flags : {may_sleep(), has_slept()}) {
        const Outcome first = decide(some_triplet(), listed, now, targrey, flags);
        CHECK(first.verdict == Verdict::first_attempt);
        CHECK_FALSE(first.goes_on);
        CHECK(first.sleep == 0s);
    }
    const Outcome at_data = decide(some_triplet(), listed, now, targrey, survived());
    CHECK(at_data.rule == "survived_tarpit");
    CHECK(at_data.verdict == Verdict::early_reconnect);
    CHECK(at_data.left == 1h - 65s);
    CHECK(at_data.changes.empty());
    CHECK_FALSE(at_data.goes_on);

    Policy without_targrey = targrey;
    without_targrey.targrey = false;
    CHECK(decide(some_triplet(), listed, now, without_targrey, may_sleep()).sleep == 65s);
}

}  // namespace sqlgrey::greylist
