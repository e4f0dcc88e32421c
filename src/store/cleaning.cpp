#include "cleaning.hpp"

#include "statement_check.hpp"

#include <charconv>

namespace sqlgrey::store {
namespace {

constexpr const char* last_cleaning = "last_dbclean";
constexpr long long slice = 100;  // rows: a write lock is then held for a millisecond or two

long long number_in(const std::string& text) {
    long long number = 0;
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
        case greylist::AwlTable::from_awl:
            break;
    }
    return {StatementId::slice_end_from_awl, StatementId::expire_from_awl};
}

}  // namespace

base::Time StoreClock::now() {
    if (!is_databases()) return caller();
    long long seconds = 0;
    session_.prepared({StatementId::read_clock}).query([&](const Prepared& row) {
        seconds = row.number(0).value_or(0);
    });
    return base::at(seconds);
}

bool SqlCleaning::claim(base::Seconds period) {
    bool won = false;
    session_.visit([&] {
        if (!is_checked_) check_statements(session_, Use::cleaning);
        is_checked_ = true;
        const std::string now = std::to_string(base::epoch(clock_.now()));
        std::string last;
        session_.prepared({StatementId::read_config}).bind(last_cleaning).query([&](const Prepared& row) {
            last = row.text(0);
        });
        if (last.empty()) {
            last = "0";
            session_.prepared({StatementId::add_config}).bind(last_cleaning).bind(last).change();
        }
        // A time later than now is one that a clock left which ran ahead: cleaning is due.
        const long long since = number_in(now) - number_in(last);
        if (since >= 0 && since < period.count()) return;
        // Whoever else read the same `last` changes no row.
        won =
            session_.prepared({StatementId::swap_config}).bind(now).bind(last_cleaning).bind(last).change() ==
            1;
    });
    return won;
}

// Rows older than what this gives are one slice, or all that are expired. A second with more rows than a
// slice goes whole.
base::Time SqlCleaning::end_of_slice(StatementId slice_end, base::Time limit) {
    base::Time end = limit;
    session_.prepared({slice_end}).bind(base::epoch(limit)).bind(slice).query([&](const Prepared& row) {
        end = std::min(limit, base::at(row.number(0).value_or(0)) + base::Seconds{1});
    });
    return end;
}

long long SqlCleaning::expire(greylist::AwlTable table, base::Seconds age) {
    const auto statements = statements_of(table);
    long long gone = 0;
    session_.visit([&] {
        const base::Time end = end_of_slice(statements.slice_end, clock_.now() - age);
        gone = session_.prepared({statements.expire}).bind(base::epoch(end)).change();
    });
    return gone;
}

long long SqlCleaning::expire_connect(base::Seconds age,
                                      const std::function<void(const greylist::NeverRetried&)>& tell) {
    long long gone = 0;
    std::vector<greylist::NeverRetried> rows;
    session_.transaction([&] {
        rows.clear();
        const base::Time end = end_of_slice(StatementId::slice_end_connect, clock_.now() - age);
        session_.prepared({StatementId::never_retried})
            .bind(base::epoch(end))
            .query([&](const Prepared& row) {
                rows.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4)});
            });
        gone = session_.prepared({StatementId::expire_connect}).bind(base::epoch(end)).change();
    });
    for (const greylist::NeverRetried& row : rows) tell(row);  // after the commit: what is told is gone
    return gone;
}

}  // namespace sqlgrey::store
