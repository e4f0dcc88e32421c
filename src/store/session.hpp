// A database session and the statements prepared in it. There is no reconnecting: when the connection is
// lost, the session is destroyed and another one opened, because a SOCI statement that outlives its
// connection crashes.
#pragma once

#include "deadline.hpp"
#include "dialect.hpp"
#include "errors.hpp"
#include "prepared.hpp"
#include "sqlgrey/base/time_limit.hpp"
#include "sqlgrey/store/target.hpp"
#include "statement.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <soci/soci.h>

namespace sqlgrey::store {

class Session {
  public:
    // Connects. Throws greylist::StoreFailure.
    Session(const Target& target, Purpose purpose);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // How long a visit waits for another transaction's lock before it throws Locked.
    enum class LockWait {
        usual,  // half of Target::time_limit
        brief   // 20 ms, once a lock has been waited for in vain
    };

    const Dialect& dialect() const { return dialect_; }
    Driver& driver() { return *driver_; }
    const Driver& driver() const { return *driver_; }
    soci::session& raw() { return session_; }

    // The statement, which the first call prepares.
    Prepared& prepared(const StatementKey& key);

    // Runs a statement over a list of `rows` rows, in as many runs as the dialect needs. `run` gets the
    // statement and the indexes of the rows to bind; the last index is repeated where a run has more places
    // than there are rows left. Sets key.rows itself.
    template <typename Run>
    void over_list(StatementKey key, std::size_t rows, const Run& run);
    // Prepares the statement, for one row if it takes rows. If it returns rows, or the database takes empty
    // lists (PostgreSQL), also runs it, with empty lists, empty texts and zeros.
    void check_statement(StatementKey key);
    // True if one run takes that many rows.
    bool takes_at_once(std::size_t rows) const {
        const std::size_t most = dialect_.rows.rows_of_statement(rows);
        return most == 0 || most >= rows;
    }

    // Runs `body`. After a deadlock or the like it is rolled back and run again while there is time; any
    // other error is thrown as greylist::StoreFailure. After Locked the session can still be used.
    void visit(const std::function<void()>& body, LockWait lock_wait = LockWait::usual);
    // The same within a transaction; snapshot() within one that only reads, and whose statements all see the
    // same moment.
    void transaction(const std::function<void()>& body, LockWait lock_wait = LockWait::usual);
    void snapshot(const std::function<void()>& body);

    // See Driver::in_use().
    std::vector<std::string> in_use() { return driver_->in_use(); }

    // May be called from another thread: makes a statement that waits fail soon.
    void interrupt() noexcept;
    // Runs `action`, which makes visits, and interrupts it after `limit`, in case the server hangs.
    template <typename Action>
    void within(base::Milliseconds limit, const Action& action) {
        const base::TimeLimit interrupting(limit, [this] { interrupt(); });
        action();
    }

  private:
    void enclosed(StatementId begin, const std::function<void()>& body, LockWait lock_wait);
    void roll_back() noexcept;
    base::Milliseconds limit_of(LockWait lock_wait) const;
    bool may_try_again(ErrorClass error) const;
    Failed failed(const soci::soci_error& error);

    const Target target_;
    const Dialect& dialect_;
    Deadline deadline_;
    std::unique_ptr<Driver> driver_;  // before session_: it goes after the connection
    soci::session session_;
    base::unique_fd socket_;
    std::map<StatementKey, Prepared> statements_;  // after session_: they must go before it
    std::optional<StatementKey> running_;
    bool in_transaction_ = false;
};

template <typename Run>
void Session::over_list(StatementKey key, std::size_t rows, const Run& run) {
    Prepared* statement = nullptr;
    std::vector<std::size_t> numbers;
    for (std::size_t first = 0, end = 0; first < rows; first = end) {
        const std::size_t size = dialect_.rows.rows_of_statement(rows - first);
        if (!statement || size != key.rows) {
            key.rows = size;
            statement = &prepared(key);
        }
        end = size == 0 ? rows : first + size;
        numbers.clear();
        for (std::size_t row = first; row < end; ++row) numbers.push_back(std::min(row, rows - 1));
        run(*statement, numbers);
    }
}

}  // namespace sqlgrey::store
