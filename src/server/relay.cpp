// Who runs, who waits, and what the one who was away too long leaves for the other.
#include "relay.hpp"

#include "sqlgrey/base/event_fd.hpp"
#include "sqlgrey/base/quiet_thread.hpp"

#include <array>
#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace sqlgrey::server {

namespace {

// So long an errand may hold up the loop, and at most twice as long.
constexpr base::Milliseconds long_errand{10};

}  // namespace

// All of it is for holders of the mutex, but for the events.
struct Relay::Shared {
    explicit Shared(Handler& to_ask) : handler(to_ask) {}

    // Of the thread that waits: true when it is to run, false when it is over.
    bool wait();
    // Of the runner: it goes on an errand; `long_one` if it will be long. Gives the number of its run.
    unsigned leave(bool long_one);
    // True if it still is the runner. If not, the errand is left for the other.
    bool come_back(unsigned run, ErrandPtr& errand);
    void end(std::exception_ptr with = {});

    Handler& handler;
    base::EventFd call;   // for the thread that waits
    base::EventFd back;   // for the runner
    base::EventFd ended;  // for the thread that started both
    std::mutex mutex;
    bool away = true;      // the runner, or there was none yet
    bool go_on = true;     // without waiting to see how long it is away
    bool sleeps = false;   // the thread that waits, until it is called
    unsigned errands = 0;  // so many have begun
    unsigned runs = 0;     // so often has the runner changed
    int on_errand = 0;     // threads
    bool over = false;
    ErrandPtr brought;
    std::exception_ptr error;
};

// It looks every few milliseconds, and only while errands are done, whether one of them still is the one of
// the look before. That needs no clock, which a test might bend, and calls nobody for an errand that is
// short.
bool Relay::Shared::wait() {
    for (std::optional<unsigned> seen;;) {
        std::unique_lock lock(mutex);
        if (over) return false;
        if (away && (go_on || seen == errands)) {
            away = go_on = false;
            ++runs;
            return true;
        }
        sleeps = !away && seen == errands;
        seen = errands;
        const base::Milliseconds pause = sleeps ? base::EventFd::for_ever : long_errand;
        lock.unlock();
        call.wait(pause);
        call.clear();
    }
}

unsigned Relay::Shared::leave(bool long_one) {
    const std::lock_guard lock(mutex);
    away = true;
    go_on = long_one;
    ++errands;
    ++on_errand;
    if (std::exchange(sleeps, false) || long_one) call.signal();
    return runs;
}

bool Relay::Shared::come_back(unsigned run, ErrandPtr& errand) {
    const std::lock_guard lock(mutex);
    --on_errand;
    if (run == runs) {
        away = go_on = false;
        return true;
    }
    brought = std::move(errand);
    back.signal();
    return false;
}

void Relay::Shared::end(std::exception_ptr with) {
    const std::lock_guard lock(mutex);
    over = true;
    error = std::move(with);
    call.signal();
    ended.signal();
}

Relay::Relay(Handler& handler) : shared_(std::make_shared<Shared>(handler)) {
}

void Relay::take_part(const std::shared_ptr<Shared>& shared, const Lap& lap) {
    while (shared->wait()) {
        for (ErrandPtr errand;;) {
            try {
                errand = lap(std::move(errand));
            } catch (...) {
                return shared->end(std::current_exception());
            }
            if (!errand) return shared->end();
            const unsigned run = shared->leave(!errand->batch);
            try {
                if (errand->batch)
                    errand->replies = shared->handler.answer(*errand->batch);
                else
                    shared->handler.recover();
            } catch (...) {
                errand->error = std::current_exception();  // for who runs the loop
            }
            if (!shared->come_back(run, errand)) break;
        }
    }
}

void Relay::run(const Lap& lap) {
    std::array<std::thread, 2> threads;
    std::unique_lock lock(shared_->mutex);  // so that neither begins before both are there
    try {
        for (std::thread& thread : threads)
            thread = base::quiet_thread([shared = shared_, lap] { take_part(shared, lap); });
    } catch (...) {
        shared_->over = true;
        lock.unlock();
        if (threads[0].joinable()) threads[0].join();
        throw;
    }
    while (!shared_->over) {  // a signal may end a sleep
        lock.unlock();
        shared_->ended.wait(base::EventFd::for_ever);
        lock.lock();
    }
    const bool both_come = shared_->on_errand == 0;
    const std::exception_ptr error = shared_->error;
    lock.unlock();
    for (std::thread& thread : threads) both_come ? thread.join() : thread.detach();
    if (error) std::rethrow_exception(error);
}

int Relay::back_fd() const {
    return shared_->back.fd();
}

ErrandPtr Relay::collect() {
    shared_->back.clear();
    const std::lock_guard lock(shared_->mutex);
    return std::exchange(shared_->brought, nullptr);
}

ErrandPtr Relay::await(base::Milliseconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    for (;;) {
        if (ErrandPtr errand = collect()) return errand;
        const auto left = std::chrono::ceil<base::Milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) return {};
        shared_->back.wait(left);
    }
}

}  // namespace sqlgrey::server
