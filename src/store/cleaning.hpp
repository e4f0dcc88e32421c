// Electing the one who cleans, and deleting expired rows in slices.
#pragma once

#include "session.hpp"
#include "sqlgrey/greylist/store.hpp"

#include <functional>

namespace sqlgrey::store {

// Whose clock rules: the database's where it has one of its own, so that hosts with different clocks agree.
class StoreClock {
  public:
    // `override_clock`: rules if it is not null.
    StoreClock(Session& session, const base::Clock* override_clock)
        : session_(session), override_(override_clock) {}

    bool is_databases() const { return !override_ && !session_.dialect().words.now().empty(); }
    // The caller's time: meaningful if the database's clock does not rule.
    base::Time caller() const { return override_ ? override_->now() : system_.now(); }
    // The time that rules; on a server a statement of its own.
    base::Time now();

  private:
    Session& session_;
    const base::Clock* override_;
    base::SystemClock system_;
};

class SqlCleaning {
  public:
    SqlCleaning(Session& session, StoreClock& clock) : session_(session), clock_(clock) {}

    // The first one also checks all statements of the cleaning.
    bool claim(base::Seconds period);
    long long expire(greylist::AwlTable table, base::Seconds age);
    long long expire_connect(base::Seconds age,
                             const std::function<void(const greylist::NeverRetried&)>& tell);

  private:
    base::Time end_of_slice(StatementId slice_end, base::Time limit);

    Session& session_;
    StoreClock& clock_;
    bool is_checked_ = false;  // the statements
};

}  // namespace sqlgrey::store
