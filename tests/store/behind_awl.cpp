// What a lookup leaves out if the sender is in an auto-whitelist, and what it must not leave out.
#include "any_store.hpp"

namespace sqlgrey::store {

using namespace std::chrono_literals;
using greylist::Change;
using greylist::Facts;
using greylist::Policy;
using greylist::PutDomainAwl;
using greylist::PutFromAwl;
using greylist::Seen;
using greylist::Triplet;

TEST_CASE_METHOD(AnyStoreTest, "an auto-whitelist row that has expired hides nothing behind it") {
    const base::Time expired = now - policy.awl_age;
    const auto known = [&](bool ask_all) {
        Triplet t = triplet();
        t.ask_all = ask_all;
        return store->look_up(std::span(&t, 1), policy).known.at(0);
    };
    remember({PutFromAwl{"192.0.2", "example.org", "sibling", now - 500s, now}});
    SECTION("a row of from_awl") {
        remember({PutFromAwl{"192.0.2", "example.org", "alice", now - 900s, expired}});
        CHECK(known(false).from_awl == Seen{now - 900s, expired});
        remember({first_attempt(triplet())});
        CHECK(known(false).connect == now);
        CHECK(known(false).senders_known == 2);
        CHECK(known(false).oldest_sender == now - 900s);
    }
    SECTION("a row of domain_awl") {
        remember({PutDomainAwl{"192.0.2", "example.org", now - 900s, expired}});
        remember({first_attempt(triplet())});
        CHECK(known(false).domain_awl == Seen{now - 900s, expired});
        CHECK(known(false).connect == now);
        remember({PutFromAwl{"192.0.2", "example.org", "alice", now - 900s, now}});
        CHECK(known(false).from_awl == Seen{now - 900s, now});
    }
    CHECK(known(false) == known(true));
}

TEST_CASE_METHOD(AnyStoreTest,
                 "who asks for all gets what is behind an auto-whitelist row that lets the sender pass") {
    remember({PutDomainAwl{"192.0.2", "example.org", now - 900s, now}});
    remember({PutFromAwl{"192.0.2", "example.org", "alice", now - 900s, now}});
    remember({first_attempt(triplet())});
    Triplet other = triplet("bert");
    other.ask_all = false;
    const std::vector<Triplet> batch{other, triplet()};
    const auto known = store->look_up(batch, policy).known;
    CHECK(known.at(0).domain_awl == Seen{now - 900s, now});
    CHECK(known.at(1).domain_awl == Seen{now - 900s, now});
    CHECK(known.at(1).from_awl == Seen{now - 900s, now});
    CHECK(known.at(1).connect == now);
    CHECK(known.at(1).senders_known == 1);
}

TEST_CASE_METHOD(AnyStoreTest,
                 "who does not ask for all gets nothing behind a row that lets the sender pass") {
    Policy asking = policy;
    asking.auto_whitelist_clients = 2;
    remember({greylist::CountRetry{"192.0.2", now, now - 24h}, first_attempt(triplet())});
    remember({PutFromAwl{"192.0.2", "example.org", "alice", now - 900s, now}});
    remember({first_attempt(triplet())});
    Triplet t = triplet();
    t.ask_all = false;
    const auto known = [&] { return store->look_up(std::span(&t, 1), asking).known.at(0); };
    greylist::Known expected;
    expected.from_awl = Seen{now - 900s, now};
    CHECK(known() == expected);
    // The sender's row is put last, because putting the domain deletes those of its senders.
    remember({PutDomainAwl{"192.0.2", "example.org", now - 900s, now}});
    remember({PutFromAwl{"192.0.2", "example.org", "alice", now - 900s, now}});
    expected = {};
    expected.domain_awl = Seen{now - 900s, now};
    CHECK(known() == expected);
}

TEST_CASE_METHOD(AnyStoreTest, "the decision is the same whether all is asked for or only what it may need") {
    Policy all = policy;
    all.connect_src_throttle = 3;
    all.auto_whitelist_clients = 2;
    all.opt_method = greylist::OptMethod::optout;
    tables->opt("optout_email", "1@example.net");
    const std::vector<base::Time> ages{now - 90s, now - all.awl_age, now - all.awl_age + 1s};
    std::vector<Triplet> triplets;
    std::vector<Change> rows, connects;
    for (int i = 0; i < 64; ++i) {  // in each table no row, a live one or an expired one
        Triplet t = triplet("n" + std::to_string(i), std::to_string(i % 7) + "@example.net");
        t.src = "192.0." + std::to_string(i);
        t.opt_email = t.rcpt;
        t.opt_domain = "example.net";
        t.ask_all = false;
        triplets.push_back(t);
        if (const auto age = i / 16; age < 3)
            rows.push_back(PutDomainAwl{t.src, t.sender_domain, now - 900h, ages[age]});
        if (const auto age = i / 4 % 4; age < 3)
            rows.push_back(PutFromAwl{t.src, t.sender_domain, t.deverped, now - 900h, ages[age]});
        if (const auto age = i % 4; age < 3)
            connects.push_back(first_attempt(t, std::vector{now, now - 600s, now - 25h}[age]));
        if (i % 5 == 0) rows.push_back(greylist::CountRetry{t.src, now - 2h, now - 24h});
        if (i % 10 == 0) rows.push_back(greylist::CountRetry{t.src, now - 1h, now - 24h});
    }
    remember(rows);
    remember(connects);
    for (const Policy& asking : {policy, all})
        for (const std::size_t size : {1u, 2u, 3u, 33u, 64u})
            for (std::size_t first = 0; first + size <= triplets.size(); first += size) {
                std::vector<Triplet> batch(triplets.begin() + static_cast<long>(first),
                                           triplets.begin() + static_cast<long>(first + size));
                const Facts some = store->look_up(batch, asking);
                for (Triplet& t : batch) t.ask_all = true;
                const Facts whole = store->look_up(batch, asking);
                for (std::size_t i = 0; i < size; ++i) {
                    const Triplet& t = triplets[first + i];
                    const auto one = greylist::decide(t, some.known[i], some.now, asking);
                    const auto two = greylist::decide(t, whole.known[i], whole.now, asking);
                    CAPTURE(t, size);
                    CHECK(one.verdict == two.verdict);
                    CHECK(one.changes == two.changes);
                    CHECK(one.waited == two.waited);
                    CHECK(one.left == two.left);
                    CHECK(some.known[i].opted == whole.known[i].opted);
                }
            }
}

}  // namespace sqlgrey::store
