#include "sqlgrey/store/cleaning.hpp"

#include "hosts.hpp"
#include "opening.hpp"
#include "schema.hpp"
#include "session.hpp"
#include "statement_check.hpp"
#include "store_clock.hpp"
#include "tables/pool_rows.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace sqlgrey::store {
namespace {

constexpr const char* last_cleaning = "last_dbclean";
constexpr std::int64_t slice = 100;        // rows: a write lock is then held for a millisecond or two
constexpr base::Seconds visit_timeout{5};  // only a server that hangs takes that long

std::int64_t number_in(const std::string& text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

struct ExpiryStatements {
    StatementId slice_end, expire;
};

ExpiryStatements statements_of(greylist::AwlTable table) {
    switch (table) {
        case greylist::AwlTable::domain_awl:
            return {StatementId::slice_end_domain_awl, StatementId::expire_domain_awl};
        case greylist::AwlTable::client_awl:
            return {StatementId::slice_end_client_awl, StatementId::expire_client_awl};
        case greylist::AwlTable::expectation:
            return {StatementId::slice_end_expectation, StatementId::expire_expectation};
        case greylist::AwlTable::pool:
            return {StatementId::slice_end_pool, StatementId::expire_pool};
        case greylist::AwlTable::fact:
            return {StatementId::slice_end_fact, StatementId::expire_fact};
        case greylist::AwlTable::spf_network:
            return {StatementId::slice_end_spf_network, StatementId::expire_spf_network};
        case greylist::AwlTable::lists:
            return {StatementId::slice_end_lists, StatementId::expire_lists};
        case greylist::AwlTable::from_awl:
            break;
    }
    return {StatementId::slice_end_from_awl, StatementId::expire_from_awl};
}

bool is_extra(greylist::AwlTable table) {
    return table == greylist::AwlTable::fact || table == greylist::AwlTable::spf_network;
}

class SqlCleaning final : public greylist::Cleaning {
  public:
    SqlCleaning(const Target& target, const base::Clock* clock, const OnOpen& on_open)
        : session_(target, Purpose::requests), clock_(session_, clock) {
        bring_up_to_date(session_, target, clock, on_open);
        prove_writable(session_, target, clock, on_open);
    }

    bool claim(base::Seconds period) override {
        bool won = false;
        visit([&] {
            check_once();
            won = claim_now(period);
        });
        return won;
    }

    long long expire(greylist::AwlTable table, base::Seconds age) override {
        const ExpiryStatements statements = statements_of(table);
        if (is_extra(table)) return expire_if_there(statements, age);
        return expire_slice(statements, age);
    }

    long long expire_connect(
        base::Seconds age,
        const std::function<void(std::span<const greylist::NeverRetried>)>& tell) override {
        std::int64_t gone = 0;
        std::vector<greylist::NeverRetried> rows;
        transaction([&] {
            rows.clear();
            const base::Time end = end_of_slice(StatementId::slice_end_connect, clock_.now() - age);
            session_.prepared({StatementId::never_retried})
                .bind(base::epoch(end))
                .query([&](const Prepared& row) {
                    rows.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4)});
                });
            gone = session_.prepared({StatementId::expire_connect}).bind(base::epoch(end)).change();
        });
        if (!rows.empty()) tell(rows);  // after the commit: these rows are gone
        return gone;
    }

    base::Time now() override {
        base::Time now;
        visit([&] { now = clock_.now(); });
        return now;
    }

    std::vector<greylist::CountedPool> counted_pools() override {
        std::vector<greylist::CountedPool> pools;
        visit([&] { pools = read_counted_pools(session_); });
        return pools;
    }

    long long came_back(const std::string& pool) override {
        std::int64_t rows = 0;
        visit([&] { rows = count_rows_of_pool(session_, pool); });
        return rows;
    }

    void put_counted_pools(std::span<const greylist::CountedPool> pools) override {
        transaction([&] { write_counted_pools(session_, pools); });
    }

  private:
    void visit(const std::function<void()>& body) {
        session_.within(visit_timeout, [&] { session_.visit(body); });
    }
    void transaction(const std::function<void()>& body) {
        session_.within(visit_timeout, [&] { session_.transaction(body); });
    }

    void check_once() {
        if (is_checked_) return;
        check_statements(session_, Use::cleaning);
        is_checked_ = true;
    }

    bool claim_now(base::Seconds period) {
        const std::string now = std::to_string(base::epoch(clock_.now()));
        std::string last;
        session_.prepared({StatementId::read_config}).bind(last_cleaning).query([&](const Prepared& row) {
            last = row.text(0);
        });
        if (last.empty()) {
            last = "0";
            session_.prepared({StatementId::add_config}).bind(last_cleaning).bind(last).change();
        }
        // A time later than now was written by a host whose clock was ahead: cleaning is due.
        const std::int64_t since = number_in(now) - number_in(last);
        if (since >= 0 && since < period.count()) return false;
        // Another daemon that has read the same `last` changes no row.
        Prepared& swap = session_.prepared({StatementId::swap_config});
        return swap.bind(now).bind(last_cleaning).bind(last).change() == 1;
    }

    std::int64_t expire_slice(const ExpiryStatements& statements, base::Seconds age) {
        std::int64_t gone = 0;
        visit([&] {
            const base::Time end = end_of_slice(statements.slice_end, clock_.now() - age);
            gone = session_.prepared({statements.expire}).bind(base::epoch(end)).change();
        });
        return gone;
    }

    // These tables may be missing, be other programs', or not be ours to change, which must not stop the
    // cleaning of others. Whoever writes them reports it.
    std::int64_t expire_if_there(const ExpiryStatements& statements, base::Seconds age) {
        try {
            visit([&] {
                if (!has_facts_)
                    has_facts_ = is_up_to_date(session_, session_.dialect().database, Extra::facts);
            });
            return has_facts_ ? expire_slice(statements, age) : 0;
        } catch (const greylist::StoreError&) {
            return 0;
        }
    }

    // Rows older than this are one slice, or all that have expired. If one second has more rows than a slice,
    // they all go at once.
    base::Time end_of_slice(StatementId slice_end, base::Time limit) {
        base::Time end = limit;
        session_.prepared({slice_end}).bind(base::epoch(limit)).bind(slice).query([&](const Prepared& row) {
            end = std::min(limit, base::at(row.number(0).value_or(0)) + base::Seconds{1});
        });
        return end;
    }

    Session session_;
    StoreClock clock_;
    bool is_checked_ = false;  // the statements
    bool has_facts_ = false;   // their tables have been seen
};

}  // namespace

std::unique_ptr<greylist::Cleaning> open_cleaning(const Target& target, const base::Clock* clock,
                                                  const OnOpen& on_open) {
    return open_first_good(
        target, [&](const Target& one) { return std::make_unique<SqlCleaning>(one, clock, on_open); });
}

}  // namespace sqlgrey::store
