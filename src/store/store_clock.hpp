// Whose clock counts: the database's, if it has one, so that hosts with different clocks agree.
#pragma once

#include "session.hpp"
#include "sqlgrey/base/time.hpp"

namespace sqlgrey::store {

class StoreClock {
  public:
    // `override_clock`, unless null, counts instead (in tests). It must outlive this object.
    StoreClock(Session& session, const base::Clock* override_clock)
        : session_(session), override_(override_clock) {}

    // True if the database's clock counts.
    bool is_databases() const { return !override_ && !session_.dialect().words.now().empty(); }
    // The time by this process's clock, which counts unless the database's does.
    base::Time here() const { return override_ ? override_->now() : system_.now(); }
    // The time that counts. On a server this takes a statement.
    base::Time now();

  private:
    Session& session_;
    const base::Clock* override_;
    base::SystemClock system_;
};

}  // namespace sqlgrey::store
