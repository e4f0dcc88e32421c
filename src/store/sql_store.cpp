// The two visits that a batch makes: a statement that looks up, and a transaction that writes.
#include "sqlgrey/store/sql_store.hpp"

#include "awl.hpp"
#include "change_writer.hpp"
#include "hosts.hpp"
#include "look_up.hpp"
#include "opening.hpp"
#include "replica.hpp"
#include "session.hpp"
#include "statement_check.hpp"
#include "store_clock.hpp"
#include "tables/fact_rows.hpp"
#include "tables/pool_rows.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string_view>

namespace sqlgrey::store {
namespace {

using greylist::Change;
using greylist::Facts;
using greylist::Known;
using greylist::Policy;
using greylist::Triplet;

// 13 attempts of 20 ms find one locked row among 64. If more are locked, changes that could be written are
// left over as well.
constexpr int most_attempts_around_locks = 16;
constexpr base::Seconds brief_after_lock{10};

// A worker notices within this time that an organisation has become a crowd, or is none any more.
constexpr base::Seconds pools_age{10};
// While pools are off: how often to look for rows from the time when they were on, until there are none.
constexpr std::chrono::hours pools_age_when_off{1};
// How often to try to read facts that cannot be read.
constexpr base::Seconds pause_without_facts{10};

class SqlStore final : public greylist::Store {
  public:
    SqlStore(const Target& target, const base::Clock* clock, const OnOpen& on_open)
        : session_(target, Purpose::requests), clock_(session_, clock), is_doubted_(target.is_doubted) {
        if (target.read_only) return;
        bring_up_to_date(session_, target, clock, on_open);
        session_.within(target.time_limit,
                        [&] { session_.visit([&] { check_statements(session_, Use::decision); }); });
        prove_writable(session_, target, clock, on_open);
    }

    Facts look_up(std::span<const Triplet> triplets, const Policy& policy) override {
        Facts facts;
        const auto body = [&] { facts = look_up_once(triplets, policy); };
        // Several statements must see the same moment, as one does.
        if (session_.takes_at_once(triplets.size()))
            session_.visit(body);
        else
            session_.snapshot(body);
        return facts;
    }

    std::vector<std::size_t> remember(std::span<const Change> changes) override {
        if (changes.empty()) return {};
        if (session_.driver().locks_whole_database()) return remember_or_leave(changes);
        std::vector<std::size_t> left;
        int attempts = most_attempts_around_locks;
        remember_around_locks(changes, 0, left, attempts);
        return left;
    }

    std::vector<greylist::FoundElsewhere> look_up_elsewhere(std::span<const greylist::Elsewhere> asked,
                                                            const greylist::Policy& policy) override {
        std::vector<greylist::FoundElsewhere> found;
        if (!asked.empty())
            session_.visit([&] { found = read_elsewhere(session_, asked, parts_for(policy)); });
        return found;
    }

    std::vector<greylist::ClientFacts> look_up_facts(std::span<const greylist::FactQuestion> asked) override {
        std::vector<greylist::ClientFacts> found(asked.size());
        const auto now = std::chrono::steady_clock::now();
        if (asked.empty() || now < facts_read_again_) return found;
        try {
            session_.visit([&] { found = read_client_facts(session_, clock_, asked, is_doubted_); });
        } catch (const greylist::StoreError&) {
            // There are no such tables, or not the right to read them. Whoever writes facts reports it.
            facts_read_again_ = now + pause_without_facts;
        }
        return found;
    }

    const greylist::Pools& pools(bool are_on) override {
        const auto now = std::chrono::steady_clock::now();
        if (now < pools_read_again_) return pools_;
        session_.visit([&] { pools_ = read_pools(session_); });
        if (are_on)
            pools_read_again_ = now + pools_age;
        else if (pools_.are_remembered)
            pools_read_again_ = now + pools_age_when_off;
        else
            pools_read_again_ = std::chrono::steady_clock::time_point::max();
        return pools_;
    }

    void interrupt() noexcept override { session_.interrupt(); }

  private:
    using LockWait = Session::LockWait;

    // False if a lock was in the way. Its owner may keep it for long, so for 10 s after that we wait for
    // locks only briefly.
    bool written(std::span<const Change> changes, LockWait lock_wait) {
        const auto now = std::chrono::steady_clock::now();
        if (now < brief_until_) lock_wait = LockWait::brief;
        const auto body = [&] { write_changes(session_, changes); };
        try {
            // A single statement needs no transaction around it, which saves two round trips to a server.
            if (is_one_statement(session_, changes) && lock_wait == LockWait::usual)
                session_.visit(body);
            else
                session_.transaction(body, lock_wait);
            return true;
        } catch (const Locked&) {
            brief_until_ = now + brief_after_lock;
            return false;
        }
    }

    // The lock is on the whole database, so nothing can be written.
    std::vector<std::size_t> remember_or_leave(std::span<const Change> changes) {
        if (written(changes, LockWait::usual)) return {};
        std::vector<std::size_t> all(changes.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        return all;
    }

    // Changes that cannot be written together are halved until those that need a locked row are alone.
    // `first` is the index of the first of them.
    void remember_around_locks(std::span<const Change> changes, std::size_t first,
                               std::vector<std::size_t>& left, int& attempts) {
        if (--attempts >= 0 && written(changes, LockWait::usual)) return;
        if (changes.size() == 1 || attempts < 0) {
            for (std::size_t i = 0; i < changes.size(); ++i) left.push_back(first + i);
            return;
        }
        const std::size_t half = changes.size() / 2;
        remember_around_locks(changes.first(half), first, left, attempts);
        remember_around_locks(changes.subspan(half), first + half, left, attempts);
    }

    // The statement leaves out what is behind a row of an auto-whitelist, and whether that row has expired is
    // known only from the result. Triplets with an expired one are looked up again, so not all triplets are
    // seen at the same moment, but each is.
    Facts look_up_once(std::span<const Triplet> triplets, const Policy& policy) {
        PartSet parts = parts_for(policy);
        if (std::ranges::any_of(triplets, &Triplet::ask_all)) parts |= behind_awl;
        Facts facts = ask(triplets, parts);
        if (parts & behind_awl) return facts;
        std::vector<Triplet> expired;
        std::vector<Known*> unfinished;
        for (std::size_t i = 0; i < triplets.size(); ++i) {
            Known& known = facts.known[i];
            const bool has_row = known.domain_awl || known.from_awl;
            if (!has_row || greylist::passes_by_awl(known, facts.now, policy)) continue;
            expired.push_back(triplets[i]);
            unfinished.push_back(&known);
        }
        if (expired.empty()) return facts;
        const Facts behind = ask(expired, parts | behind_awl);
        for (std::size_t i = 0; i < unfinished.size(); ++i) *unfinished[i] = behind.known[i];
        return facts;
    }

    Facts ask(std::span<const Triplet> triplets, PartSet parts) {
        return store::look_up(session_, clock_, triplets, parts);
    }

    Session session_;
    StoreClock clock_;
    std::function<bool(std::string_view)> is_doubted_;
    std::chrono::steady_clock::time_point brief_until_{};  // see written()
    greylist::Pools pools_;
    std::chrono::steady_clock::time_point pools_read_again_{};
    std::chrono::steady_clock::time_point facts_read_again_{};
};

}  // namespace

std::unique_ptr<greylist::Store> open_store(const Target& target, const base::Clock* clock,
                                            const OnOpen& on_open) {
    std::unique_ptr<greylist::Store> store = open_first_good(
        target, [&](const Target& one) { return std::make_unique<SqlStore>(one, clock, on_open); });
    if (target.replicas.empty()) return store;
    // A frozen replica must leave time to ask the primary.
    const base::Milliseconds lookup_timeout = target.time_limit / 4;
    return with_replica(std::move(store), std::make_unique<Replica>(target, clock, lookup_timeout));
}

}  // namespace sqlgrey::store
