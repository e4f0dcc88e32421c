// The two visits of a batch: one statement to look up, one transaction to remember.
#include "sqlgrey/store/sql_store.hpp"

#include "awl.hpp"
#include "change_writer.hpp"
#include "cleaning.hpp"
#include "hosts.hpp"
#include "replica.hpp"
#include "schema.hpp"
#include "session.hpp"
#include "sqlgrey/base/time_limit.hpp"
#include "sqlgrey/store/schema_report.hpp"
#include "statements.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

namespace sqlgrey::store {
namespace {

using greylist::Change;
using greylist::Facts;
using greylist::Known;
using greylist::Policy;
using greylist::PutDomainAwl;
using greylist::PutFromAwl;
using greylist::Triplet;

// One locked row among 64 is found by 13 attempts of 20 ms at most; where more are locked, the rest is left.
constexpr int most_attempts_around_locks = 16;
constexpr base::Seconds brief_after_lock{10};

// A slice of cleaning; only a server that has gone silent takes this long.
constexpr base::Seconds cleaning_timeout{5};

statements::Parts parts_for(const Policy& policy) {
    return {policy.connect_src_throttle > 0, policy.auto_whitelist_clients > 0, policy.group_domain_level > 0,
            policy.opt_method != greylist::OptMethod::none};
}

Known read_known(const Prepared& row, const statements::Parts& parts) {
    namespace at = statements;
    Known known;
    known.domain_awl = seen(row, at::domain_first);
    known.from_awl = seen(row, at::from_first);
    known.connect = row.time(at::connect_first);
    known.senders_known = row.number(at::siblings).value_or(0);
    known.oldest_sender = row.time(at::oldest_sender);
    if (parts.sources) {
        const std::size_t first = parts.first_of_sources();
        known.src_domain_awl = row.number(first).value_or(0);
        known.src_connect = row.number(first + 1).value_or(0);
        known.src_from_awl = row.number(first + 2).value_or(0);
    }
    if (parts.clients) {
        const std::size_t first = parts.first_of_clients();
        if (const auto passes = row.number(first))
            known.client_awl = greylist::RetryCount{*passes, base::at(row.number(first + 1).value_or(0)),
                                                    base::at(row.number(first + 2).value_or(0))};
    }
    if (parts.opted) {
        const std::size_t first = parts.first_of_opted();
        const auto is_in = [&](std::size_t table) { return row.number(first + table).value_or(0) > 0; };
        known.opted = {is_in(0), is_in(1), is_in(2), is_in(3)};
    }
    return known;
}

void bind_key(Prepared& row, const Triplet& t, const statements::Parts& parts) {
    row.bind(t.src).bind(t.sender_domain).bind(t.sender_name).bind(t.deverped).bind(t.rcpt);
    if (parts.opted) row.bind(t.opt_domain).bind(t.opt_email);
}

class SqlStoreOverSession final : public SqlStore {
  public:
    SqlStoreOverSession(const Target& target, const base::Clock* clock, const TellSchema& tell)
        : session_(target, Purpose::requests), clock_(session_, clock), cleaning_(session_, clock_) {
        if (target.read_only) return;
        bring_up_to_date(target, clock, tell);
        within(target.time_limit, [&] {
            prove_usable();
            prove_writable();
            return true;
        });
        warnings_ = session_.in_use();
    }

    Facts look_up(std::span<const Triplet> triplets, const Policy& policy) override {
        Facts facts;
        const auto body = [&] { facts = look_up_once(triplets, policy); };
        // What is several statements is to show one moment nevertheless.
        if (session_.takes_at_once(triplets.size()))
            session_.visit(body);
        else
            session_.snapshot(body);
        return facts;
    }

    std::vector<std::size_t> remember(std::span<const Change> changes) override {
        if (changes.empty()) return {};
        if (session_.dialect().locks_whole_database()) return remember_or_leave(changes);
        std::vector<std::size_t> left;
        int attempts = most_attempts_around_locks;
        remember_around_locks(changes, 0, left, attempts);
        return left;
    }

    std::vector<std::string> warnings() const override { return warnings_; }
    void interrupt() noexcept override { session_.interrupt(); }

    bool claim(base::Seconds period) override {
        const base::TimeLimit limit(cleaning_timeout, [this] { interrupt(); });
        return cleaning_.claim(period);
    }
    long long expire_from_awl(base::Seconds awl_age) override {
        const base::TimeLimit limit(cleaning_timeout, [this] { interrupt(); });
        return cleaning_.expire("from_awl", awl_age);
    }
    long long expire_domain_awl(base::Seconds awl_age) override {
        const base::TimeLimit limit(cleaning_timeout, [this] { interrupt(); });
        return cleaning_.expire("domain_awl", awl_age);
    }
    long long expire_client_awl(base::Seconds awl_age) override {
        const base::TimeLimit limit(cleaning_timeout, [this] { interrupt(); });
        return cleaning_.expire("client_awl", awl_age);
    }
    long long expire_connect(base::Seconds age,
                             const std::function<void(const greylist::NeverRetried&)>& tell) override {
        const base::TimeLimit limit(cleaning_timeout, [this] { interrupt(); });
        return cleaning_.expire_connect(age, tell);
    }

  private:
    // While a store is being opened nobody else can interrupt it.
    bool within(base::Milliseconds time_limit, const std::function<bool()>& body) {
        const base::TimeLimit limit(time_limit, [this] { interrupt(); });
        bool result = false;
        session_.visit([&] { result = body(); });
        return result;
    }

    void bring_up_to_date(const Target& target, const base::Clock* clock, const TellSchema& tell) {
        if (looks_up_to_date(target)) return;
        try {
            migrate_in_own_session(target, clock, tell);
        } catch (const greylist::StoreError& error) {
            throw greylist::StoreError(error.fault(), with_database(error.what(), target));
        }
    }

    // Without a lock, as nearly always nothing is to be done. While another daemon changes the tables, a look
    // may find them half there: what is wrong with them is only believed of a look with the lock.
    bool looks_up_to_date(const Target& target) {
        try {
            return within(target.time_limit, [&] { return is_up_to_date(session_, target.database); });
        } catch (const greylist::StoreError& error) {
            if (error.fault() == greylist::StoreError::Fault::schema) return false;
            throw;
        }
    }

    static void migrate_in_own_session(const Target& target, const base::Clock* clock,
                                       const TellSchema& tell) {
        Session session(target, Purpose::migrations);
        StoreClock time(session, clock);
        SchemaReport report;
        session.visit(
            [&] { report = migrate(session, target.database, time.now() - target.max_connect_age); });
        if (tell && !report.empty()) tell(report);
    }

    using LockWait = Session::LockWait;

    // False if a lock kept it from being written. Whoever has held one may hold it for long, so for some
    // seconds after that others are not made to wait for it.
    bool written(std::span<const Change> changes, LockWait lock_wait) {
        const auto now = std::chrono::steady_clock::now();
        if (now < brief_until_) lock_wait = LockWait::brief;
        const auto body = [&] { write_changes(session_, changes); };
        try {
            // What is one statement needs no transaction around it: on a server that saves two round trips.
            if (is_one_statement(changes) && lock_wait == LockWait::usual)
                session_.visit(body);
            else
                session_.transaction(body, lock_wait);
            return true;
        } catch (const Locked&) {
            brief_until_ = now + brief_after_lock;
            return false;
        }
    }

    // The lock is on all of the database: nothing else could be written either.
    std::vector<std::size_t> remember_or_leave(std::span<const Change> changes) {
        if (written(changes, LockWait::usual)) return {};
        std::vector<std::size_t> all(changes.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        return all;
    }

    // Halves what cannot be written until what needs the locked rows stands alone. `first`: the index of the
    // first of these changes.
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

    bool is_one_statement(std::span<const Change> changes) const {
        const auto is_one = [&](const Change& change) {
            return change.index() == changes.front().index() && !std::holds_alternative<PutFromAwl>(change) &&
                   !std::holds_alternative<PutDomainAwl>(change);
        };
        return session_.takes_at_once(changes.size()) && std::ranges::all_of(changes, is_one);
    }

    // An auto-white-list row keeps what is behind it from being looked at, alive or not: that it has expired
    // is seldom, and known only when the database has told the time. Then what is behind is asked for too. So
    // each triplet is shown as it was at one moment, but not always all of them at the same.
    Facts look_up_once(std::span<const Triplet> triplets, const Policy& policy) {
        statements::Parts parts = parts_for(policy);
        parts.behind_awl = std::ranges::any_of(triplets, &Triplet::ask_all);
        Facts facts = ask(triplets, parts);
        if (parts.behind_awl) return facts;
        std::vector<Triplet> expired;
        std::vector<Known*> unfinished;
        for (std::size_t i = 0; i < triplets.size(); ++i) {
            Known& known = facts.known[i];
            const bool has_row = known.domain_awl || known.from_awl;
            if (!has_row || passes(known, facts.now, policy)) continue;
            expired.push_back(triplets[i]);
            unfinished.push_back(&known);
        }
        if (expired.empty()) return facts;
        parts.behind_awl = true;
        const Facts behind = ask(expired, parts);
        for (std::size_t i = 0; i < unfinished.size(); ++i) *unfinished[i] = behind.known[i];
        return facts;
    }

    Facts ask(std::span<const Triplet> triplets, const statements::Parts& parts) {
        Facts facts{clock_.caller(), std::vector<Known>(triplets.size())};
        session_.over_list(
            "look_up_" + parts.name(), triplets.size(),
            [&](const Dialect& dialect, std::size_t rows) {
                return statements::look_up(dialect, rows, parts);
            },
            [&](Prepared& statement, const auto& keys) {
                for (const std::size_t i : keys) bind_key(statement.row(), triplets[i], parts);
                statement.query([&](const Prepared& row) {
                    const auto key = static_cast<std::size_t>(row.number(statements::key).value_or(0));
                    facts.known[keys[key]] = read_known(row, parts);
                    if (clock_.is_databases()) facts.now = base::at(row.number(statements::now).value_or(0));
                });
            });
        return facts;
    }

    // A missing column, too few rights, a read-only server or a full disk is noticed here, with the
    // statement's name, not by the first request. Run over no rows where the database takes lists of no rows,
    // for that shows whether the user may run it; prepared elsewhere, which on MySQL shows the same.
    void prove_usable() {
        const auto over_nothing = [this](const std::string& name, const auto& make) {
            session_.over_no_rows(name, make);
        };
        statements::Parts parts{true, true, true, true};
        for (const bool behind_awl : {false, true}) {
            parts.behind_awl = behind_awl;
            over_nothing("look_up_" + parts.name(), [parts](const Dialect& dialect, std::size_t rows) {
                return statements::look_up(dialect, rows, parts);
            });
        }
        over_nothing("put_connect_", statements::put_connect);
        over_nothing("touch_domain_awl_", statements::touch_domain_awl);
        over_nothing("touch_from_awl_", statements::touch_from_awl);
        over_nothing("touch_client_awl_", statements::touch_client_awl);
        over_nothing("count_pass_", statements::count_pass);
        over_nothing("put_from_awl_", statements::put_from_awl);
        over_nothing("forget_connect_of_sender_", statements::forget_connect_of_sender);
        over_nothing("put_domain_awl_", statements::put_domain_awl);
        over_nothing("forget_from_awl_of_domain_", statements::forget_from_awl_of_domain);
        over_nothing("forget_connect_of_domain_", statements::forget_connect_of_domain);
    }

    void prove_writable() {
        session_.prepared("put_config", statements::put_config)
            .bind("sqlgrey_opened")
            .bind(std::to_string(base::epoch(clock_.now())))
            .change();
    }

    Session session_;
    StoreClock clock_;
    SqlCleaning cleaning_;
    std::vector<std::string> warnings_;
    std::chrono::steady_clock::time_point brief_until_{};  // see written()
};

}  // namespace

std::unique_ptr<SqlStore> open_store(const Target& target, const base::Clock* clock, const TellSchema& tell) {
    std::unique_ptr<SqlStore> store = open_first_good(
        target, [&](const Target& one) { return std::make_unique<SqlStoreOverSession>(one, clock, tell); });
    if (target.replicas.empty()) return store;
    // A frozen replica must leave time to ask the primary.
    const base::Milliseconds lookup_timeout = target.time_limit / 4;
    return with_replica(std::move(store), std::make_unique<Replica>(target, clock, lookup_timeout));
}

}  // namespace sqlgrey::store
