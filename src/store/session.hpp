// One database session and the statements prepared in it, as one disposable unit: when the connection is
// lost, all of it goes and a new one is built (a statement that outlives a reconnect crashes).
#pragma once

#include "deadline.hpp"
#include "dialect.hpp"
#include "errors.hpp"
#include "prepared.hpp"
#include "statement.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
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

    // How long a visit waits for a lock that another transaction holds, before it throws Locked.
    enum class LockWait {
        usual,  // half of Target::time_limit
        brief   // 20 ms: the lock was there a moment ago
    };

    const Dialect& dialect() const { return dialect_; }
    Driver& driver() { return *driver_; }
    const Driver& driver() const { return *driver_; }
    soci::session& raw() { return session_; }

    // The statement, prepared the first time it is asked for.
    Prepared& prepared(const StatementKey& key);

    // Runs a statement over a list of so many rows, as the dialect takes lists: `run` is given the statement
    // and the numbers of the rows to bind, of which the last may come again. `key` without its rows.
    template <typename Run>
    void over_list(StatementKey key, std::size_t rows, const Run& run);
    // Prepares the statement, for one row if it takes rows. Where the database takes lists of no rows
    // (PostgreSQL), and where it gives rows, also runs it: with lists of no rows, empty texts and numbers of
    // 0.
    void check_statement(StatementKey key);
    // True if that is one run.
    bool takes_at_once(std::size_t rows) const {
        const std::size_t most = dialect_.rows.rows_of_statement(rows);
        return most == 0 || most >= rows;
    }

    // Runs one visit: repeats it (rolled back first) while the database says that it may succeed now and time
    // is left, and throws greylist::StoreFailure for every other error. After Locked the session can be used.
    void visit(const std::function<void()>& body, LockWait lock_wait = LockWait::usual);
    // The same for several statements that are to be one transaction, and for several that only read and are
    // to see one moment.
    void transaction(const std::function<void()>& body, LockWait lock_wait = LockWait::usual);
    void snapshot(const std::function<void()>& body);

    // See Driver::in_use().
    std::vector<std::string> in_use() { return driver_->in_use(); }

    // From another thread: a statement that waits fails soon.
    void interrupt() noexcept;

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
    for (std::size_t first = 0, end = 0; first < rows; first = end) {
        const std::size_t size = dialect_.rows.rows_of_statement(rows - first);
        if (!statement || size != key.rows) {
            key.rows = size;
            statement = &prepared(key);
        }
        end = size == 0 ? rows : first + size;
        run(*statement, std::views::iota(first, end) |
                            std::views::transform([&](std::size_t row) { return std::min(row, rows - 1); }));
    }
}

}  // namespace sqlgrey::store
