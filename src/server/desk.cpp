// The desk thread, and the few things it shares with the loop: a batch, its replies, two bells.
#include "desk.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <utility>

namespace sqlgrey::server {

namespace {

constexpr int recover_pause_ms = 500;

// A thread inherits the mask of its creator: signals are the loop thread's business.
std::thread start_without_signals(auto work) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    struct Restore {
        const sigset_t& mask;
        ~Restore() { pthread_sigmask(SIG_SETMASK, &mask, nullptr); }
    } restore{before};
    return std::thread(std::move(work));
}

}  // namespace

struct Desk::Shared {
    explicit Shared(Handler& to_ask) : handler(to_ask) {}

    Handler& handler;
    Bell call;  // the loop rings
    Bell back;  // the desk rings
    std::atomic<bool> opened{false};
    std::atomic<bool> go_home{false};
    std::atomic<bool> gone{false};
    std::mutex mutex;  // for the two below
    Batch batch;
    std::optional<std::vector<policy::Reply>> replies;
};

Desk::Desk(Handler& handler)
    : shared_(std::make_shared<Shared>(handler)), thread_(start_without_signals([s = shared_] { work(s); })) {
}

Desk::~Desk() {
    close(base::Milliseconds{0});
}

// The bell is slept on with a plain duration, not a condition variable with a point in time: a
// clock that a test bends must not turn the pause into no pause or an endless one.
void Desk::work(const std::shared_ptr<Shared>& shared) {
    Handler& handler = shared->handler;
    handler.recover();
    shared->opened = true;
    shared->back.ring();
    while (!shared->go_home) {  // once told to go, the handler is not touched again: it may be going too
        shared->call.sleep(handler.available() ? -1 : recover_pause_ms);
        if (shared->go_home) break;
        Batch batch;
        {
            const std::lock_guard lock(shared->mutex);
            batch = std::exchange(shared->batch, nullptr);
        }
        if (batch) {
            auto replies = handler.answer(*batch);
            batch.reset();  // before the replies are seen, so that conversations end in the loop's thread
            const std::lock_guard lock(shared->mutex);
            shared->replies = std::move(replies);
            shared->back.ring();
        } else if (!handler.available()) {
            handler.recover();
        }
    }
    shared->gone = true;
    shared->back.ring();
}

int Desk::back() const {
    return shared_->back.fd();
}

bool Desk::opened() const {
    return shared_->opened;
}

void Desk::put(Batch batch) {
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->batch = std::move(batch);
    }
    shared_->call.ring();
}

std::optional<std::vector<policy::Reply>> Desk::take() {
    shared_->back.silence();
    const std::lock_guard lock(shared_->mutex);
    return std::exchange(shared_->replies, std::nullopt);
}

void Desk::nudge() {
    shared_->call.ring();
}

bool Desk::close(base::Milliseconds patience) {
    if (!thread_.joinable()) return true;
    shared_->go_home = true;
    shared_->call.ring();
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!shared_->gone) {
        const auto left = std::chrono::ceil<base::Milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) break;
        shared_->back.sleep(static_cast<int>(left.count()));
    }
    if (!shared_->gone) {
        thread_.detach();
        return false;
    }
    thread_.join();
    return true;
}

}  // namespace sqlgrey::server
