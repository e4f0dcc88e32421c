// Which thread leads, which follows, and the late job that a former leader brings back.
#include "leader_followers.hpp"

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

// A job may stop the loop for this long, and at most twice as long.
constexpr base::Milliseconds long_job{10};

}  // namespace

// Members other than the EventFds are guarded by the mutex.
struct LeaderFollowers::Shared {
    explicit Shared(policy::RequestHandler& to_ask) : handler(to_ask) {}

    // Waits as follower: true when this thread must lead, false at the end.
    bool wait_to_lead();
    // The leader begins a job; `is_long` if that is known in advance. Returns the number of its term as
    // leader.
    unsigned begin_job(bool is_long);
    // True if this thread is still the leader. If not, the job is left for the other thread's loop.
    bool end_job(unsigned term, JobPtr& job);
    void end(std::exception_ptr with = {});

    policy::RequestHandler& handler;
    base::EventFd wake;       // tells the follower to look now
    base::EventFd completed;  // tells the loop that a late job is completed
    base::EventFd ended;      // tells the thread that called run()
    std::mutex mutex;
    bool leader_in_job = true;     // true before there is a leader, too
    bool lead_at_once = true;      // without waiting to see how long the job takes
    bool follower_sleeps = false;  // until it is woken
    unsigned jobs_begun = 0;
    unsigned terms = 0;  // how often the leader has changed
    int threads_in_job = 0;
    bool over = false;
    JobPtr late_job;
    std::exception_ptr error;
};

// While there are jobs, the follower looks every 10 ms whether the same job is still running. That needs no
// clock, which a test might set, and costs a leader with a short job no system call.
bool LeaderFollowers::Shared::wait_to_lead() {
    for (std::optional<unsigned> seen;;) {
        std::unique_lock lock(mutex);
        if (over) return false;
        if (leader_in_job && (lead_at_once || seen == jobs_begun)) {
            leader_in_job = lead_at_once = false;
            ++terms;
            return true;
        }
        follower_sleeps = !leader_in_job && seen == jobs_begun;
        seen = jobs_begun;
        const base::Milliseconds pause = follower_sleeps ? base::EventFd::for_ever : long_job;
        lock.unlock();
        wake.wait(pause);
        wake.clear();
    }
}

unsigned LeaderFollowers::Shared::begin_job(bool is_long) {
    const std::lock_guard lock(mutex);
    leader_in_job = true;
    lead_at_once = is_long;
    ++jobs_begun;
    ++threads_in_job;
    if (std::exchange(follower_sleeps, false) || is_long) wake.signal();
    return terms;
}

bool LeaderFollowers::Shared::end_job(unsigned term, JobPtr& job) {
    const std::lock_guard lock(mutex);
    --threads_in_job;
    if (term == terms) {
        leader_in_job = lead_at_once = false;
        return true;
    }
    late_job = std::move(job);
    completed.signal();
    return false;
}

void LeaderFollowers::Shared::end(std::exception_ptr with) {
    const std::lock_guard lock(mutex);
    over = true;
    error = std::move(with);
    wake.signal();
    ended.signal();
}

LeaderFollowers::LeaderFollowers(policy::RequestHandler& handler)
    : shared_(std::make_shared<Shared>(handler)) {
}

void LeaderFollowers::take_part(const std::shared_ptr<Shared>& shared, const Loop& loop) {
    while (shared->wait_to_lead()) {
        for (JobPtr job;;) {
            try {
                job = loop(std::move(job));
            } catch (...) {
                return shared->end(std::current_exception());
            }
            if (!job) return shared->end();
            const unsigned term = shared->begin_job(!job->batch);  // connecting takes long
            try {
                if (job->batch)
                    job->replies = shared->handler.answer(*job->batch);
                else
                    shared->handler.recover();
            } catch (...) {
                job->error = std::current_exception();  // rethrown by the thread that runs the loop
            }
            if (!shared->end_job(term, job)) break;
        }
    }
}

void LeaderFollowers::run(const Loop& loop) {
    std::array<std::thread, 2> threads;
    std::unique_lock lock(shared_->mutex);  // neither starts before both exist
    try {
        for (std::thread& thread : threads)
            thread = base::quiet_thread([shared = shared_, loop] { take_part(shared, loop); });
    } catch (...) {
        shared_->over = true;
        lock.unlock();
        if (threads[0].joinable()) threads[0].join();
        throw;
    }
    while (!shared_->over) {  // a signal may end a wait
        lock.unlock();
        shared_->ended.wait(base::EventFd::for_ever);
        lock.lock();
    }
    const bool both_come = shared_->threads_in_job == 0;
    const std::exception_ptr error = shared_->error;
    lock.unlock();
    for (std::thread& thread : threads) both_come ? thread.join() : thread.detach();
    if (error) std::rethrow_exception(error);
}

int LeaderFollowers::completed_fd() const {
    return shared_->completed.fd();
}

JobPtr LeaderFollowers::take_completed() {
    shared_->completed.clear();
    const std::lock_guard lock(shared_->mutex);
    return std::exchange(shared_->late_job, nullptr);
}

JobPtr LeaderFollowers::wait_for_completed(base::Milliseconds timeout) {
    const auto end = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        if (JobPtr job = take_completed()) return job;
        const auto left = std::chrono::ceil<base::Milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) return {};
        shared_->completed.wait(left);
    }
}

}  // namespace sqlgrey::server
