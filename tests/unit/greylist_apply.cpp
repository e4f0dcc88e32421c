// A batch ends as if its requests had been decided one after another.
#include "greylist_fixture.hpp"
#include "sqlgrey/greylist/identities.hpp"

namespace sqlgrey::greylist {

TEST_CASE("after a first attempt the same triplet in the batch is an early reconnect") {
    Known known;
    apply(decide(some_triplet(), known, now, policy), some_triplet(), known);
    CHECK(decide(some_triplet(), known, now, policy).verdict == Verdict::early_reconnect);
}

TEST_CASE("a first attempt does not touch another triplet, but counts for its source") {
    const Outcome outcome = with(PutConnect{some_triplet(), now, now - 24h});
    Triplet other = some_triplet();
    other.rcpt = "carol@example.net";
    Known known;
    apply(outcome, other, known);
    CHECK_FALSE(known.connect);
    CHECK(known.src_connect == 1);

    other.src = "198.51.100";
    Known stranger;
    apply(outcome, other, stranger);
    CHECK(stranger == Known{});
}

TEST_CASE("a row that starts again is not an additional row") {
    Known known;
    known.src_connect = 3;
    apply(with(PutConnect{some_triplet(), now, now - 24h, true}), some_triplet(), known);
    CHECK(known.src_connect == 3);
    CHECK(known.connect == now);
}

TEST_CASE("an accepted sender is in from_awl for the next request of the batch") {
    Known known;
    known.connect = now - 400s;
    apply(decide(some_triplet(), known, now, policy), some_triplet(), known);
    CHECK(decide(some_triplet(), known, now, policy).verdict == Verdict::from_awl);
    CHECK_FALSE(known.connect);
    CHECK(known.senders_known == 1);
    CHECK(known.oldest_sender == now - 400s);
}

TEST_CASE("an accepted sender counts towards group_domain_level for the next sender of the batch") {
    Triplet other = some_triplet();
    other.sender_name = other.deverped = "bert";
    Known known;
    known.connect = now - 500s;
    apply(with(PutFromAwl{"192.0.2", "example.org", "alice", now - 400s, now}), other, known);
    CHECK(only_change(decide(other, known, now, policy)) ==
          Change{PutDomainAwl{"192.0.2", "example.org", now - 500s, now}});
}

TEST_CASE("a replaced expired from_awl row is not an additional row") {
    Known known;
    known.senders_known = 1;
    known.src_from_awl = 1;
    apply(with(PutFromAwl{"192.0.2", "example.org", "alice", now - 400s, now, 0, true}), some_triplet(),
          known);
    CHECK(known.senders_known == 1);
    CHECK(known.src_from_awl == 1);
}

TEST_CASE("an accepted sender deletes the connect rows that its deverped name matches") {
    Triplet other = some_triplet();
    other.rcpt = "carol@example.net";
    other.sender_name = "bounce-77";
    other.deverped = "bounce-#";
    Known known;
    known.connect = now - 10s;
    apply(with(PutFromAwl{"192.0.2", "example.org", "bounce-#", now - 400s, now}), other, known);
    CHECK_FALSE(known.connect);

    SECTION("but not those of another name") {
        other.sender_name = other.deverped = "alice";
        known.connect = now - 10s;
        apply(with(PutFromAwl{"192.0.2", "example.org", "bounce-#", now - 400s, now}), other, known);
        CHECK(known.connect == now - 10s);
    }
}

TEST_CASE("an accepted sender with a '#' in its name deletes no other sender's rows") {
    Triplet hash = some_triplet();
    hash.sender_name = hash.deverped = "#";
    hash.own_hashes = 1;
    Known accepted;
    accepted.connect = now - 400s;
    const Outcome outcome = decide(hash, accepted, now, policy);
    CHECK(only_change(outcome) == Change{PutFromAwl{"192.0.2", "example.org", "#", now - 400s, now, 1}});
    Known waiting;
    waiting.connect = now - 10s;
    apply(outcome, some_triplet(), waiting);
    CHECK(waiting.connect == now - 10s);
    apply(outcome, hash, accepted);
    CHECK_FALSE(accepted.connect);
}

TEST_CASE("a promoted domain passes with every later sender of the batch") {
    Triplet other = some_triplet();
    other.sender_name = other.deverped = "zoe";
    Known known;
    known.connect = now;
    known.from_awl = seen(now, now);
    known.senders_known = 1;
    known.src_from_awl = 1;
    apply(with(PutDomainAwl{"192.0.2", "example.org", now - 9h, now}), other, known);
    CHECK(decide(other, known, now, policy).verdict == Verdict::domain_awl);
    CHECK_FALSE(known.connect);
    CHECK_FALSE(known.from_awl);
    CHECK(known.senders_known == 0);
    CHECK(known.src_domain_awl == 1);
    CHECK(known.src_from_awl == 0);
}

TEST_CASE("a row is not touched again by the next request of the batch") {
    Known known;
    known.domain_awl = seen(now - 9h, now - 1h);
    apply(decide(some_triplet(), known, now, policy), some_triplet(), known);
    CHECK(decide(some_triplet(), known, now, policy).changes.empty());

    Known from;
    from.from_awl = seen(now - 9h, now - 1h);
    apply(decide(some_triplet(), from, now, policy), some_triplet(), from);
    CHECK(decide(some_triplet(), from, now, policy).changes.empty());
}

TEST_CASE("only a new from_awl row makes the counts of a source uncertain") {
    CHECK(moves_source_counts(PutFromAwl{"s", "d", "n", now, now}));
    CHECK_FALSE(moves_source_counts(PutConnect{some_triplet(), now, now}));
    CHECK(source_of(PutConnect{some_triplet(), now, now}) == "192.0.2");
    CHECK(source_of(PutFromAwl{"s", "d", "n", now, now}) == "s");
}

TEST_CASE("a client's retry counts although the last one counted is in the future") {
    Known known;
    known.client_awl = RetryCount{1, now + 365 * 24h, now};
    apply(with(CountRetry{some_triplet().src, now, now - 60 * 24h}), some_triplet(), known);
    CHECK(known.client_awl == RetryCount{2, now, now});
}

TEST_CASE("a retry that the batch has noted counts for those behind it, once a minute") {
    const auto noted = [](const Triplet& letter, base::Time when) {
        return with(PutConnect{row_of_retry(letter, when), when, when - 24h});
    };
    Triplet other = some_triplet();
    other.rcpt = "carol@example.net";
    Triplet elsewhere = some_triplet();
    elsewhere.src = "198.51.100";
    Known known;
    apply(noted(other, now), some_triplet(), known);
    CHECK(known == Known{});
    apply(noted(elsewhere, now - 60s), some_triplet(), known);
    CHECK(known.retries == Retries{1, now - 60s});
    apply(noted(some_triplet(), now), some_triplet(), known);
    apply(noted(some_triplet(), now), some_triplet(), known);
    CHECK(known.retries == Retries{2, now});
}

}  // namespace sqlgrey::greylist
