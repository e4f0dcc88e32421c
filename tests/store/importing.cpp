// Importing: rows are written, none gets worse, and doing it again changes nothing, on every database.
#include "sqlgrey/store/importing.hpp"

#include "database.hpp"

#include <filesystem>

using namespace sqlgrey;
using namespace sqlgrey::store;
using namespace std::chrono_literals;
using greylist::Import;
using greylist::KnownClient;
using greylist::KnownSender;
using greylist::Seen;
using greylist::WaitingTriplet;

namespace {

constexpr base::Time now = base::at(1'700'000'000);
constexpr auto day = 24h;
using Taken = std::vector<bool>;

KnownSender sender(const std::string& name, Seen seen, const std::string& domain = "example.org") {
    return {"192.0.2", domain, name, seen};
}
WaitingTriplet triplet(const std::string& name, base::Time first,
                       const std::string& rcpt = "bob@example.net") {
    return {{"192.0.2", "example.org", name, name, rcpt}, first};
}
KnownClient client(long long passes, Seen seen, const std::string& src = "192.0.2") {
    return {src, passes, seen};
}

class Imports : public TestDatabase {
  public:
    Taken take(const std::vector<Import>& batch, ImportMode mode = ImportMode::write) {
        if (!importing_ || mode_ != mode) importing_ = open_importing(target(), mode_ = mode);
        return importing_->take(batch, {}, now);
    }
    // first_seen and last_seen of the one row.
    Seen times(const std::string& table) {
        return {base::at(number("select " + seconds("first_seen") + " from " + table)),
                base::at(number("select " + seconds("last_seen") + " from " + table))};
    }
    base::Time waiting_since() {
        return base::at(number("select " + seconds("first_seen") + " from connect"));
    }
    long long passes() { return number("select passes from client_awl"); }

  private:
    ImportMode mode_ = ImportMode::write;
    std::unique_ptr<greylist::Importing> importing_;
};

}  // namespace

TEST_CASE("an import makes rows of each kind that a worker finds") {
    Imports tables;
    REQUIRE(tables.take({sender("alice", {now - 2 * day, now - day}), triplet("carol", now - 1h),
                         client(5, {now - day, now - 1h})}) == Taken{true, true, true});
    const base::ManualClock clock{now};
    const auto store = open_store(tables.target(), &clock);
    greylist::Policy policy;
    policy.auto_whitelist_clients = 5;
    const auto facts = store->look_up(
        std::vector<greylist::Triplet>{triplet("carol", now).triplet, triplet("alice", now).triplet}, policy);
    REQUIRE(facts.known.at(0).connect == now - 1h);
    REQUIRE(facts.known.at(0).client_awl == greylist::RetryCount{5, now - 1h, now - 1h});
    REQUIRE(facts.known.at(1).from_awl == Seen{now - 2 * day, now - day});
}

TEST_CASE("an import that is repeated changes nothing") {
    Imports tables;
    const std::vector<Import> batch{sender("alice", {now - 2 * day, now - day}), triplet("carol", now - 1h),
                                    client(5, {now - day, now - 1h})};
    tables.take(batch);
    REQUIRE(tables.take(batch) == Taken{false, false, false});
    REQUIRE(tables.rows("from_awl") + tables.rows("connect") + tables.rows("client_awl") == 3);
}

TEST_CASE("times only widen: last_seen never moves back, first_seen never forward") {
    Imports tables;
    const Seen there{now - 10 * day, now - 5 * day};
    tables.take({sender("alice", there), client(5, there)});
    for (const auto& [incoming, best] :
         {std::pair{Seen{now - 8 * day, now - 6 * day}, there},
          {Seen{now - 12 * day, now - 6 * day}, Seen{now - 12 * day, now - 5 * day}},
          {Seen{now - 8 * day, now - 4 * day}, Seen{now - 12 * day, now - 4 * day}}}) {
        const Taken expected(2, best != there);
        REQUIRE(tables.take({sender("alice", incoming), client(5, incoming)}) == expected);
        REQUIRE(tables.times("from_awl") == best);
        REQUIRE(tables.times("client_awl") == best);
    }
}

TEST_CASE("a triplet that waits keeps its earlier time, unless that does not count any more") {
    Imports tables;
    REQUIRE(tables.take({triplet("carol", now - 1h)}) == Taken{true});
    REQUIRE(tables.take({triplet("carol", now - 30min)}) == Taken{false});
    REQUIRE(tables.waiting_since() == now - 1h);
    REQUIRE(tables.take({triplet("carol", now - 2h)}) == Taken{true});
    REQUIRE(tables.waiting_since() == now - 2h);
    tables.sql() << "update connect set first_seen = " << tables.timestamp(now - 25h);
    REQUIRE(tables.take({triplet("carol", now - 30min)}) == Taken{true});
    REQUIRE(tables.waiting_since() == now - 30min);
}

TEST_CASE("passes only grow, unless the client was not seen for too long") {
    Imports tables;
    tables.take({client(7, {now - 9 * day, now - 8 * day})});
    REQUIRE(tables.take({client(3, {now - 9 * day, now - 8 * day})}) == Taken{false});
    REQUIRE(tables.passes() == 7);
    REQUIRE(tables.take({client(9, {now - 9 * day, now - 8 * day})}) == Taken{true});
    REQUIRE(tables.passes() == 9);
    tables.sql() << "update client_awl set last_seen = " << tables.timestamp(now - 61 * day);
    REQUIRE(tables.take({client(2, {now - day, now - day})}) == Taken{true});
    REQUIRE(tables.passes() == 2);
}

TEST_CASE("who passes already makes no row of connect, and who waited and passes now leaves none") {
    Imports tables;
    REQUIRE(tables.take({triplet("alice", now - 1h), sender("alice", {now, now}),
                         triplet("alice", now - 1h, "eve@example.net")}) == Taken{true, true, false});
    REQUIRE(tables.rows("connect") == 0);
    REQUIRE(tables.take({triplet("alice", now - 1h)}) == Taken{false});
    REQUIRE(tables.take({triplet("list-7", now - 1h), triplet("list_7", now - 1h)}) == Taken{true, true});
    REQUIRE(tables.take({sender("list-#", {now, now})}) == Taken{true});
    REQUIRE(tables.text("select sender_name from connect") == "list_7");
}

TEST_CASE("an imported sender whose name has a '#' takes no waiting triplet but its own with it") {
    Imports tables;
    tables.take({triplet("#", now - 1h), triplet("carol", now - 1h)});
    KnownSender hash = sender("#", {now, now});
    hash.own_hashes = 1;
    REQUIRE(tables.take({hash}) == Taken{true});
    REQUIRE(tables.text("select sender_name from connect") == "carol");
}

TEST_CASE("a domain that passes needs no rows of its senders, one that passed long ago does") {
    Imports tables;
    tables.take({});
    tables.sql()
        << "insert into domain_awl (sender_domain, src, first_seen, last_seen) values ('example.org', "
           "'192.0.2', "
        << tables.timestamp(now - 9 * day) << ", " << tables.timestamp(now - 8 * day) << ")";
    REQUIRE(tables.take({sender("alice", {now, now}), triplet("carol", now),
                         sender("bob", {now, now}, "other.org")}) == Taken{false, false, true});
    tables.sql() << "update domain_awl set last_seen = " << tables.timestamp(now - 61 * day);
    REQUIRE(tables.take({sender("alice", {now, now}), triplet("carol", now)}) == Taken{true, true});
}

TEST_CASE("a batch may name one row several times, in any number of rows") {
    Imports tables;
    std::vector<Import> batch;
    for (int i = 0; i < 200; ++i) {
        batch.emplace_back(sender("s" + std::to_string(i % 67), {now - 2 * day, now - day}));
        batch.emplace_back(triplet("t" + std::to_string(i % 65), now - 1h));
        batch.emplace_back(client(5, {now, now}, "192.0." + std::to_string(i % 3)));
    }
    const Taken taken = tables.take(batch);
    REQUIRE(std::count(taken.begin(), taken.end(), true) == 67 + 65 + 3);
    REQUIRE(tables.rows("from_awl") == 67);
    REQUIRE(tables.rows("connect") == 65);
    REQUIRE(tables.rows("client_awl") == 3);
    const Taken again = tables.take(batch);
    REQUIRE(std::count(again.begin(), again.end(), true) == 0);
}

TEST_CASE("an import that only looks says the same and writes nothing") {
    Imports tables;
    tables.take({sender("alice", {now - day, now - day})});
    const std::vector<Import> batch{sender("alice", {now - day, now - day}), sender("bob", {now, now}),
                                    triplet("carol", now), client(5, {now, now})};
    REQUIRE(tables.take(batch, ImportMode::look_only) == Taken{false, true, true, true});
    REQUIRE(tables.rows("from_awl") == 1);
    REQUIRE(tables.rows("connect") + tables.rows("client_awl") == 0);
}

TEST_CASE("of several hosts an import takes the first that can be used", "[mysql]") {
    TestDatabase tables;
    Target target = tables.target();
    target.hosts.insert(target.hosts.begin(), {"127.0.0.1", 1});  // nobody listens there
    const auto take = [&](ImportMode mode) {
        return open_importing(target, mode)->take(std::vector<Import>{triplet("a", now)}, {}, now);
    };
    REQUIRE(take(ImportMode::write) == Taken{true});
    REQUIRE(take(ImportMode::look_only) == Taken{false});
    REQUIRE(tables.rows("connect") == 1);
}

TEST_CASE("to look only makes neither a file nor tables") {
    TestDatabase tables;
    const bool is_file = tables.target().database == Database::sqlite;
    if (is_file) {
        Target absent = tables.target();
        absent.name += ".absent";
        REQUIRE(open_importing(absent, ImportMode::look_only)
                    ->take(std::vector<Import>{triplet("a", now)}, {}, now) == Taken{true});
        REQUIRE_FALSE(std::filesystem::exists(absent.name));
    }
    REQUIRE_THROWS_AS(open_importing(tables.target(), ImportMode::look_only), greylist::StoreError);
}
