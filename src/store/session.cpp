#include "session.hpp"

#include "sqlgrey/base/time_limit.hpp"

#include <random>
#include <thread>

#include <sys/socket.h>

namespace sqlgrey::store {
namespace {

// Short and uneven, so that two that collided do not collide again.
void pause_up_to(base::Milliseconds longest) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<base::Milliseconds::rep> some(1, longest.count());
    std::this_thread::sleep_for(base::Milliseconds{some(random)});
}

// A request must not wait for somebody else's transaction as long as for a slow database: meanwhile the
// worker decides nothing. But workers that promote senders of one domain at the same moment need some turns.
constexpr int share_of_lock = 2;
constexpr base::Milliseconds brief_lock_wait{20};
// A server is told to wait for a part of that only, and is asked again: two workers that wait for each other
// are both sent back then, long before the server looks for deadlocks (PostgreSQL: after a second).
constexpr int waits_of_server = 16;
constexpr base::Milliseconds first_pause{2};
constexpr base::Milliseconds longest_pause{64};

}  // namespace

Session::Session(const Target& target, Purpose purpose)
    : target_(target), dialect_(dialect_of(target.database)) {
    try {
        dialect_.connect(session_, target, purpose);
        socket_ = dialect_.socket(session_);
    } catch (const soci::soci_error& error) {
        throw_failure(failed(error), target_);
    }
    const base::TimeLimit limit(target.time_limit, [this] { interrupt(); });
    visit([&] { extra_ = dialect_.configure_session(session_, target, purpose, deadline_); });
}

Session::~Session() {
    if (extra_) extra_->before_closing();
}

Prepared& Session::prepared(const std::string& name, const std::function<Sql(const Dialect&)>& make) {
    running_ = name;
    const auto found = statements_.find(name);
    if (found != statements_.end()) return found->second;
    return statements_.try_emplace(name, dialect_, session_, make(dialect_)).first->second;
}

void Session::over_no_rows(const std::string& name,
                           const std::function<Sql(const Dialect&, std::size_t)>& make) {
    const std::size_t size = dialect_.rows_of_statement(1);
    Prepared& statement =
        prepared(name + std::to_string(size), [&](const Dialect& dialect) { return make(dialect, size); });
    if (dialect_.takes_empty_lists() || statement.reads()) statement.over_no_rows();
}

void Session::visit(const std::function<void()>& body, LockWait lock_wait) {
    if (extra_) extra_->check();
    deadline_.start(target_.time_limit, limit_of(lock_wait));
    base::Milliseconds pause = first_pause;
    for (;;) {
        running_.clear();
        try {
            return body();
        } catch (const soci::soci_error& error) {
            const Failed failure = failed(error);  // before the roll-back, which has words of its own
            dialect_.end_statements(session_);
            roll_back();
            if (!may_try_again(failure.error)) throw_failure(failure, target_);
            // Several that waited for each other are all sent back at the same moment.
            if (failure.error == ErrorClass::locked && lock_wait == LockWait::usual) pause = longest_pause;
        }
        pause_up_to(pause);
        pause = std::min(pause * 2, longest_pause);
    }
}

base::Milliseconds Session::limit_of(LockWait lock_wait) const {
    if (lock_wait == LockWait::brief) return brief_lock_wait;
    return target_.time_limit / share_of_lock;
}

bool Session::may_try_again(ErrorClass error) const {
    if (error == ErrorClass::locked) return !deadline_.passed_for_locks();
    return error == ErrorClass::retryable && !deadline_.passed();
}

Failed Session::failed(const soci::soci_error& error) {
    const std::string known = extra_ ? extra_->reason() : "";
    if (!known.empty()) return {ErrorClass::unavailable, known, running_, {}};
    Failed failed{dialect_.classify(error, session_), dialect_.message(error, session_), running_, {}};
    if (failed.error == ErrorClass::damaged) failed.done = dialect_.set_aside_damaged(target_);
    return failed;
}

void Session::transaction(const std::function<void()>& body, LockWait lock_wait) {
    enclosed(dialect_.begin(), body, lock_wait);
}

void Session::snapshot(const std::function<void()>& body) {
    enclosed("begin", body, LockWait::usual);
}

void Session::enclosed(const std::string& begin, const std::function<void()>& body, LockWait lock_wait) {
    const std::string limit = lock_wait == LockWait::brief
                                  ? dialect_.limit_lock_wait(limit_of(lock_wait) / waits_of_server)
                                  : std::string{};
    visit(
        [&] {
            execute(begin);
            in_transaction_ = true;
            if (!limit.empty()) execute(limit);
            body();
            execute("commit");
            in_transaction_ = false;
        },
        lock_wait);
}

void Session::execute(const std::string& text) {
    prepared(text, [&](const Dialect&) { return Sql{text, {}, {}}; }).change();
}

void Session::roll_back() noexcept {
    if (!in_transaction_) return;
    in_transaction_ = false;
    try {
        session_ << "rollback";
    } catch (const std::exception&) {
        // The transaction is over anyway: SQLite and the servers roll back by themselves what broke.
    }
}

void Session::interrupt() noexcept {
    deadline_.cancelled = true;
    if (socket_) ::shutdown(socket_.get(), SHUT_RDWR);
}

}  // namespace sqlgrey::store
