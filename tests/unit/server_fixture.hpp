// A worker in a thread of the test, with a RequestHandler whose database can be blocked, disconnected and
// restored.
#pragma once

#include "sqlgrey/base/fd_passing.hpp"
#include "sqlgrey/server/worker.hpp"
#include "unit/server_client.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>

#include <signal.h>
#include <sys/eventfd.h>

namespace test {

using namespace sqlgrey;

// Remembers the recipients of all its requests instead of an instance. While facts are missing, it holds
// requests to recipients that begin with "held", if it may.
class FakeHandler final : public policy::RequestHandler {
  public:
    std::vector<policy::Reply> answer(std::span<const policy::PendingRequest> batch) override {
        const Inside inside(inside_);
        std::unique_lock lock(mutex_);
        batches_.push_back(batch.size());
        for (const auto& question : batch)
            question.connection->instance_accepted += question.request.get("recipient");
        gave_up_ = false;
        changed_.wait(lock, [this] { return !held_ || gave_up_; });
        if (fails_) throw std::bad_alloc();
        return with_holds(batch);
    }
    void replied() override { ++replied_; }
    std::vector<policy::Reply> answer_without_database(std::span<const policy::PendingRequest> batch,
                                                       policy::Reporting reporting) override {
        return replies(reporting == policy::Reporting::here ? "fallback " : "meanwhile ", batch);
    }
    bool available() const override { return available_; }
    void recover() override {
        std::unique_lock lock(mutex_);
        ++recovers_;
        changed_.wait(lock, [this] { return !recover_held_; });
        if (fails_) throw std::bad_alloc();
        available_ = reachable_;
    }
    void give_up() override {
        const std::lock_guard lock(mutex_);
        ++give_ups_;
        available_ = false;
        gave_up_ = !deaf_;
        changed_.notify_all();
    }

    // For tests.
    void hold() {
        set([this] { held_ = true; });
    }
    void release() {
        set([this] { held_ = recover_held_ = false; });
    }
    void hold_recover() {
        set([this] { recover_held_ = true; });
    }
    void cut_off() {
        set([this] { available_ = reachable_ = false; });
    }
    void unreachable() {
        set([this] { reachable_ = false; });
    }
    void mend() {
        set([this] { reachable_ = true; });
    }
    // From now on it throws std::bad_alloc.
    void fail() {
        set([this] { fails_ = true; });
    }
    void become_deaf() {
        set([this] { deaf_ = true; });
    }
    void miss_facts() {
        set([this] { facts_missing_ = true; });
    }
    void find_facts() {
        set([this] { facts_missing_ = false; });
    }
    int asked_again() const { return get(asked_again_); }
    int times_replied() const { return replied_; }
    std::vector<std::size_t> batches() const { return get(batches_); }
    int give_ups() const { return get(give_ups_); }
    int recovers() const { return get(recovers_); }
    bool being_asked() const { return inside_; }

  private:
    struct Inside {
        explicit Inside(std::atomic<bool>& now) : flag(now) { flag = true; }
        ~Inside() { flag = false; }
        std::atomic<bool>& flag;
    };
    std::vector<policy::Reply> with_holds(std::span<const policy::PendingRequest> batch) {
        std::vector<policy::Reply> all = replies("seen ", batch);
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (batch[i].was_held) ++asked_again_;
            if (facts_missing_ && batch[i].may_be_held &&
                batch[i].request.get("recipient").starts_with("held"))
                all[i].ask_again = std::chrono::milliseconds{5};
        }
        return all;
    }
    static std::vector<policy::Reply> replies(const std::string& word,
                                              std::span<const policy::PendingRequest> batch) {
        std::vector<policy::Reply> all;
        for (const auto& question : batch)
            all.push_back({policy::Action::pass, word + std::string(question.request.get("recipient"))});
        return all;
    }
    template <typename Change>
    void set(Change change) {
        const std::lock_guard lock(mutex_);
        change();
        changed_.notify_all();
    }
    template <typename T>
    T get(const T& value) const {
        const std::lock_guard lock(mutex_);
        return value;
    }

    std::atomic<bool> inside_{false};
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::atomic<bool> available_{true};
    bool held_ = false, recover_held_ = false, gave_up_ = false, reachable_ = true, deaf_ = false,
         fails_ = false, facts_missing_ = false;
    std::vector<std::size_t> batches_;
    int give_ups_ = 0, recovers_ = 0, asked_again_ = 0;
    std::atomic<int> replied_{0};
};

class RunningWorker {
  public:
    explicit RunningWorker(server::WorkerOptions options = {}) : options_(options) {
        int pair[2];
        ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
        channel_.reset(pair[0]);
        stop_.reset(::eventfd(0, EFD_CLOEXEC));
        theirs_.reset(pair[1]);
    }
    ~RunningWorker() {
        if (thread_.joinable()) {
            handler.release();
            stop();
            join();
        }
    }
    void start() {
        thread_ = std::thread([this] {
            const log::Logger logger(log::Levels(log::normal), std::make_unique<log::MemorySink>(lines_));
            try {
                ended_ =
                    server::serve({std::move(theirs_), stop_.get(), open, counters, [this] { ready = true; }},
                                  handler, options_, logger);
            } catch (const std::bad_alloc&) {
                failed = true;
            }
            done = true;
        });
    }
    Client connect() {
        int pair[2];
        ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
        base::unique_fd theirs{pair[1]};
        pass(theirs.get(), {});
        return Client(base::unique_fd{pair[0]});
    }
    // A connection, with the text of its last worker.
    void pass(int connection, const std::string& text) {
        ++open;
        while (base::send_fd(channel_.get(), connection, text) == base::PassResult::again)
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    // Tells the worker that there is a successor.
    void supersede() { ::shutdown(channel_.get(), SHUT_WR); }
    void stop() { ::eventfd_write(stop_.get(), 1); }
    void end_channel() { channel_.reset(); }
    // Signals the thread that called serve().
    void interrupt(int signal) { ::pthread_kill(thread_.native_handle(), signal); }
    int channel() const { return channel_.get(); }
    server::Ended join() {
        thread_.join();
        return ended_;
    }
    // Once it has ended.
    const std::vector<std::string>& lines() const { return lines_; }

    FakeHandler handler;
    std::atomic<int> open{0};
    server::WorkerCounters counters;
    std::atomic<bool> ready{false};
    std::atomic<bool> done{false};
    std::atomic<bool> failed{false};  // serve() has thrown

  private:
    server::WorkerOptions options_;
    base::unique_fd channel_, theirs_, stop_;
    std::vector<std::string> lines_;
    server::Ended ended_{};
    std::thread thread_;
};

// Limits that tests of other things never reach.
inline server::WorkerOptions long_timeouts() {
    server::WorkerOptions options;
    options.time_limit = options.drain_limit = std::chrono::milliseconds{60000};
    return options;
}

inline server::WorkerOptions with_time_limit(int milliseconds) {
    auto options = long_timeouts();
    options.time_limit = std::chrono::milliseconds{milliseconds};
    return options;
}

}  // namespace test
