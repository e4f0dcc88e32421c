// Every rule of src/greylist/README.md section 2 that decide() implements, with the time as a variable.
#include "greylist_fixture.hpp"

namespace sqlgrey::greylist {

TEST_CASE("an unknown triplet is a first attempt and gets a row") {
    const Outcome outcome = decide(some_triplet(), {}, now, policy);
    CHECK(outcome.verdict == Verdict::first_attempt);
    CHECK(only_change(outcome) == Change{PutConnect{some_triplet(), now, now - 24h}});
}

TEST_CASE("a retry is early up to and including reconnect_delay, and leaves the row alone") {
    Known known;
    for (const base::Seconds age : {0s, 1s, 299s, 300s}) {
        known.connect = now - age;
        const Outcome outcome = decide(some_triplet(), known, now, policy);
        CHECK(outcome.verdict == Verdict::early_reconnect);
        CHECK(outcome.changes.empty());
    }
    known.connect = now - 301s;
    CHECK(decide(some_triplet(), known, now, policy).verdict == Verdict::reconnect_ok);
}

TEST_CASE("a retry is accepted up to and including max_connect_age") {
    Known known;
    known.connect = now - 24h;
    const Outcome accepted = decide(some_triplet(), known, now, policy);
    CHECK(accepted.verdict == Verdict::reconnect_ok);
    CHECK(accepted.waited == 24h);
    known.connect = now - 24h - 1s;
    const Outcome stale = decide(some_triplet(), known, now, policy);
    CHECK(stale.verdict == Verdict::first_attempt);
    CHECK(only_change(stale) == Change{PutConnect{some_triplet(), now, now - 24h, true}});
}

TEST_CASE("a time later than now, left by a clock that ran ahead, counts as now") {
    Known known;
    SECTION("of a waiting triplet: it is a first attempt now, and not deferred until then") {
        known.connect = now + 365 * 24h;
        const Outcome outcome = decide(some_triplet(), known, now, policy);
        CHECK(outcome.verdict == Verdict::first_attempt);
        CHECK(outcome.left == 5min);
        CHECK(only_change(outcome) == Change{PutConnect{some_triplet(), now, now - 24h, true}});
    }
    SECTION("of an auto-whitelist: the row is brought back, or it would stay that much longer") {
        known.from_awl = Seen{now - 48h, now + 365 * 24h};
        const Outcome outcome = decide(some_triplet(), known, now, policy);
        CHECK(outcome.verdict == Verdict::from_awl);
        CHECK(std::holds_alternative<TouchFromAwl>(only_change(outcome)));
    }
    SECTION("by a second, as two hosts may differ: nothing is written for it") {
        known.from_awl = Seen{now - 48h, now + 1s};
        CHECK(decide(some_triplet(), known, now, policy).changes.empty());
    }
}

TEST_CASE("with reconnect_delay 0 a retry in the same second is early, the next second passes") {
    Policy at_once;
    at_once.reconnect_delay = 0s;
    Known known;
    known.connect = now;
    CHECK(decide(some_triplet(), known, now, at_once).verdict == Verdict::early_reconnect);
    CHECK(decide(some_triplet(), known, now + 1s, at_once).verdict == Verdict::reconnect_ok);
}

TEST_CASE("with retry_count 3 two retries after the delay are noted and deferred, and the third passes") {
    Policy patient;
    patient.retry_count = 3;
    Known known;
    known.connect = now - 200s;
    CHECK(decide(some_triplet(), known, now, patient).changes.empty());  // early: does not count
    known.connect = now - 400s;
    const Outcome first = decide(some_triplet(), known, now, patient);
    CHECK(first.verdict == Verdict::early_reconnect);
    CHECK(first.row == Seen{now - 400s, now - 400s});
    CHECK(only_change(first) == Change{PutConnect{row_of_retry(some_triplet(), now), now, now - 24h}});
    CHECK(minute_of(now + first.left) == minute_of(now) + 1);
    known.retries = {1, now};
    const Outcome again = decide(some_triplet(), known, now, patient);  // within the same minute
    CHECK(again.verdict == Verdict::early_reconnect);
    CHECK(again.changes.empty());
    CHECK(decide(some_triplet(), known, now + 60s, patient).verdict == Verdict::early_reconnect);
    known.retries = {2, now + 60s};
    CHECK(decide(some_triplet(), known, now + 60s, patient).verdict == Verdict::early_reconnect);
    CHECK(decide(some_triplet(), known, now + 120s, patient).verdict == Verdict::reconnect_ok);
    CHECK(decide(some_triplet(), known, now + 24h, patient).verdict == Verdict::first_attempt);
    CHECK(decide(some_triplet(), known, now + 60s, patient, {.message_accepted = true}).verdict ==
          Verdict::message_accepted);
}

TEST_CASE("an accepted triplet gives a from_awl row with its first_seen and deverped name") {
    Triplet triplet = some_triplet();
    triplet.sender_name = "list-bounces-123";
    triplet.deverped = "list-bounces-#";
    Known known;
    known.connect = now - 400s;
    const Outcome outcome = decide(triplet, known, now, policy);
    CHECK(only_change(outcome) ==
          Change{PutFromAwl{"192.0.2", "example.org", "list-bounces-#", now - 400s, now}});
}

TEST_CASE("a domain is promoted when its from_awl rows and this one reach group_domain_level") {
    Known known;
    known.connect = now - 400s;
    known.senders_known = 1;
    known.oldest_sender = now - 48h;
    CHECK(only_change(decide(some_triplet(), known, now, policy)) ==
          Change{PutDomainAwl{"192.0.2", "example.org", now - 48h, now}});

    SECTION("not before") {
        Policy three;
        three.group_domain_level = 3;
        CHECK(std::holds_alternative<PutFromAwl>(only_change(decide(some_triplet(), known, now, three))));
    }
    SECTION("the triplet's own first_seen counts too when it is the least") {
        known.oldest_sender = now - 10s;
        CHECK(std::get<PutDomainAwl>(only_change(decide(some_triplet(), known, now, policy))).first_seen ==
              now - 400s);
    }
    SECTION("level 1 needs no row at all") {
        Policy one;
        one.group_domain_level = 1;
        known.senders_known = 0;
        known.oldest_sender.reset();
        CHECK(only_change(decide(some_triplet(), known, now, one)) ==
              Change{PutDomainAwl{"192.0.2", "example.org", now - 400s, now}});
    }
    SECTION("level 0 is never") {
        Policy never;
        never.group_domain_level = 0;
        known.senders_known = 1000;
        CHECK(std::holds_alternative<PutFromAwl>(only_change(decide(some_triplet(), known, now, never))));
    }
}

TEST_CASE("a domain_awl row seen within awl_age passes before all else") {
    Known known;
    known.domain_awl = seen(now - 100h, now - 1h);
    known.from_awl = known.domain_awl;
    known.connect = now;
    const Outcome outcome = decide(some_triplet(), known, now, policy);
    CHECK(outcome.verdict == Verdict::domain_awl);
    CHECK(only_change(outcome) == Change{TouchDomainAwl{"192.0.2", "example.org", now}});
}

TEST_CASE("a from_awl row seen within awl_age passes before connect is looked at") {
    Known known;
    known.from_awl = seen(now - 100h, now - 1h);
    known.connect = now;
    const Outcome outcome = decide(some_triplet(), known, now, policy);
    CHECK(outcome.verdict == Verdict::from_awl);
    CHECK(only_change(outcome) == Change{TouchFromAwl{"192.0.2", "example.org", "alice", now}});
}

TEST_CASE("an auto-whitelist row expires when awl_age has passed since it was last seen") {
    Known known;
    known.domain_awl = seen(now - 9999h, now - 60 * 24h + 1s);
    known.from_awl = known.domain_awl;
    CHECK(decide(some_triplet(), known, now, policy).verdict == Verdict::domain_awl);
    known.domain_awl->last -= 1s;
    CHECK(decide(some_triplet(), known, now, policy).verdict == Verdict::from_awl);
    known.from_awl->last -= 1s;
    CHECK(decide(some_triplet(), known, now, policy).verdict == Verdict::first_attempt);
}

TEST_CASE("an auto-whitelist row seen less than a minute ago is not written again") {
    Known known;
    known.domain_awl = seen(now - 1h, now - 59s);
    CHECK(decide(some_triplet(), known, now, policy).changes.empty());
    known.domain_awl->last = now - 60s;
    CHECK(decide(some_triplet(), known, now, policy).changes.size() == 1);
    known.domain_awl.reset();
    known.from_awl = seen(now - 1h, now - 59s);
    CHECK(decide(some_triplet(), known, now, policy).changes.empty());
}

TEST_CASE("a new source with too many waiting triplets is throttled and gets no row") {
    Policy throttling;
    throttling.connect_src_throttle = 5;
    Known known;
    known.src_connect = 5;
    const Outcome outcome = decide(some_triplet(), known, now, throttling);
    CHECK(outcome.verdict == Verdict::throttled);
    CHECK(outcome.changes.empty());

    SECTION("fewer rows do not throttle") {
        known.src_connect = 4;
        CHECK(decide(some_triplet(), known, now, throttling).verdict == Verdict::first_attempt);
    }
    SECTION("a source with a domain_awl row is known") {
        known.src_domain_awl = 1;
        CHECK(decide(some_triplet(), known, now, throttling).verdict == Verdict::first_attempt);
    }
    SECTION("a source with enough from_awl rows is known") {
        known.src_from_awl = 4;
        CHECK(decide(some_triplet(), known, now, throttling).verdict == Verdict::throttled);
        known.src_from_awl = 5;
        CHECK(decide(some_triplet(), known, now, throttling).verdict == Verdict::first_attempt);
    }
    SECTION("a triplet that waits already is not new") {
        known.connect = now - 400s;
        CHECK(decide(some_triplet(), known, now, throttling).verdict == Verdict::reconnect_ok);
        known.connect = now;
        CHECK(decide(some_triplet(), known, now, throttling).verdict == Verdict::early_reconnect);
    }
    SECTION("0 switches it off") {
        known.src_connect = 100000;
        CHECK(decide(some_triplet(), known, now, policy).verdict == Verdict::first_attempt);
    }
}

TEST_CASE("stored texts contain no byte that a database could refuse") {
    CHECK(storable("alice", 64) == "alice");
    CHECK(storable("j\xc3\xb6rg", 64) == "j\xc3\xb6rg");
    CHECK(storable("a\xff"
                   "b",
                   64) == "a\\xffb");
    CHECK(storable(std::string_view("a\0b", 3), 64) == "a\\x00b");
    CHECK(storable("a\tb\x7f", 64) == "a\\x09b\\x7f");
    CHECK(storable("with blank ", 64) == "with blank\\x20");
    CHECK(storable("", 64).empty());

    SECTION("and is never longer than the column, nor cut inside a character") {
        CHECK(storable(std::string(70, 'a'), 64) == std::string(64, 'a'));
        CHECK(storable(std::string(63, 'a') + "\xc3\xb6", 64) == std::string(63, 'a'));
        CHECK(storable(std::string(62, 'a') + "\xff", 64) == std::string(62, 'a'));
        CHECK(storable(std::string(63, 'a') + " b", 64) == std::string(63, 'a'));
        CHECK(storable(std::string(300, '\xff'), 64).size() == 64);
    }
}

TEST_CASE("mail that is expected passes until then, and earns nothing") {
    Known known;
    known.expected_until = now + 1s;
    const Outcome outcome = decide(some_triplet(), known, now, policy);
    CHECK(outcome.verdict == Verdict::expected);
    CHECK(outcome.changes.empty());
    CHECK_FALSE(is_earned(outcome.verdict));
    known.connect = now - 10s;
    CHECK(decide(some_triplet(), known, now, policy).verdict == Verdict::expected);
    known.expected_until = now;
    CHECK(decide(some_triplet(), known, now, policy).verdict == Verdict::early_reconnect);
}

TEST_CASE("a triplet that has waited earns its row though its mail is expected") {
    Known known;
    known.expected_until = now + 1h;
    known.connect = now - 301s;
    CHECK(decide(some_triplet(), known, now, policy).verdict == Verdict::reconnect_ok);
}

}  // namespace sqlgrey::greylist
