#include "session.hpp"

#include <random>
#include <thread>

#include <sys/socket.h>

namespace sqlgrey::store {
namespace {

// Random, so that two transactions that were in each other's way do not meet again.
void pause_up_to(base::Milliseconds longest) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<base::Milliseconds::rep> some(1, longest.count());
    std::this_thread::sleep_for(base::Milliseconds{some(random)});
}

// Waiting for locks gets half the time limit, because the worker decides nothing meanwhile. That is enough
// for workers that promote senders of one domain at the same moment, which takes a few attempts.
constexpr int share_of_lock = 2;
constexpr base::Milliseconds first_pause{2};
constexpr base::Milliseconds longest_pause{64};

}  // namespace

Session::Session(const Target& target, Purpose purpose)
    : target_(target),
      dialect_(dialect_of(target.database)),
      driver_(make_driver(target.database, session_)) {
    try {
        driver_->connect(target, purpose);
        socket_ = driver_->socket();
    } catch (const soci::soci_error& error) {
        throw_failure(failed(error), target_);
    }
    within(target.time_limit,
           [&] { visit([&] { driver_->configure_session(target, purpose, deadline_); }); });
}

Session::~Session() {
    driver_->before_closing();
}

Prepared& Session::prepared(const StatementKey& key) {
    running_ = key;
    const auto found = statements_.find(key);
    if (found != statements_.end()) return found->second;
    const Sql sql = definition_of(key.id).make(dialect_, key);
    return statements_.try_emplace(key, *driver_, dialect_.rows.encoder(), sql).first->second;
}

void Session::check_statement(StatementKey key) {
    if (definition_of(key.id).takes_rows) key.rows = dialect_.rows.rows_of_statement(1);
    Prepared& statement = prepared(key);
    if (dialect_.rows.takes_empty_lists() || statement.reads()) statement.over_no_rows();
}

void Session::visit(const std::function<void()>& body, LockWait lock_wait) {
    driver_->check();
    deadline_.start(target_.time_limit, limit_of(lock_wait));
    base::Milliseconds pause = first_pause;
    for (;;) {
        running_.reset();
        try {
            return body();
        } catch (const soci::soci_error& error) {
            const Failed failure = failed(error);  // before the rollback replaces the error message
            driver_->end_statements();
            roll_back();
            if (!may_try_again(failure.error)) throw_failure(failure, target_);
            // Those that waited for each other all fail at the same moment, so they need a longer pause.
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
    const std::string statement = running_ ? definition_of(running_->id).name : "";
    if (const std::string known = driver_->reason(); !known.empty())
        return {ErrorClass::unavailable, known, statement, {}};
    Failed failed{driver_->classify(error), driver_->message(error), statement, {}};
    if (failed.error == ErrorClass::damaged) failed.done = driver_->set_aside_damaged(target_);
    return failed;
}

void Session::transaction(const std::function<void()>& body, LockWait lock_wait) {
    enclosed(StatementId::begin, body, lock_wait);
}

void Session::snapshot(const std::function<void()>& body) {
    enclosed(StatementId::begin_snapshot, body, LockWait::usual);
}

void Session::enclosed(StatementId begin, const std::function<void()>& body, LockWait lock_wait) {
    const bool limits = lock_wait == LockWait::brief && !dialect_.words.limit_lock_wait({}).empty();
    visit(
        [&] {
            prepared({begin}).change();
            in_transaction_ = true;
            if (limits) prepared({StatementId::limit_lock_wait}).change();
            body();
            prepared({StatementId::commit}).change();
            in_transaction_ = false;
        },
        lock_wait);
}

void Session::roll_back() noexcept {
    if (!in_transaction_) return;
    in_transaction_ = false;
    try {
        session_ << "rollback";
    } catch (const std::exception&) {
        // SQLite and the servers roll back a broken transaction by themselves.
    }
}

void Session::interrupt() noexcept {
    deadline_.cancelled = true;
    if (socket_) ::shutdown(socket_.get(), SHUT_RDWR);
}

}  // namespace sqlgrey::store
