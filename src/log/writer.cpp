#include "writer.hpp"

#include "sqlgrey/base/quiet_thread.hpp"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include <pthread.h>

namespace sqlgrey::log {
namespace {

constexpr std::size_t queue_limit = 1 << 20;  // bytes
constexpr std::size_t stamp_size = 64;        // more than precedes a line on standard error
constexpr base::Milliseconds pause_after_error{500};

std::size_t cost(const std::string& record) {
    return record.size() + sizeof(std::string);
}

// All writers of the process. Never destroyed, because a thread may be in the middle of a write at exit.
struct Writers {
    std::mutex mutex;
    std::map<std::string, Writer*> by_path;
};

Writers& writers() {
    static Writers* const all = [] {
        ::pthread_atfork(nullptr, nullptr, [] {
            for (const auto& [path, writer] : writers().by_path) writer->forked();
        });
        return new Writers;
    }();
    return *all;
}

}  // namespace

struct Writer::State {
    std::mutex mutex;
    std::condition_variable more;  // there is something to write
    std::condition_variable done;  // everything is written
    std::deque<std::string> queue;
    std::size_t size = 0;    // cost() of the queue
    std::string in_flight;   // not in the queue any more, not completely written
    bool in_thread = false;  // the thread is writing what was in flight
    bool has_thread = false;
    std::int64_t lost = 0;  // lines dropped and not yet reported
    int error = 0;          // of the last write
    std::shared_ptr<const Format> format;

    bool idle() const { return queue.empty() && in_flight.empty() && !in_thread; }
};

Writer::Writer(std::unique_ptr<const Destination> destination)
    : destination_(std::move(destination)), state_(new State) {
}

void Writer::write(const std::shared_ptr<const Format>& format, std::span<const Sink::Line> lines) noexcept {
    const std::lock_guard lock(state_->mutex);
    try {
        state_->format = format;
        const bool at_once = state_->idle() && destination_->writes_without_waiting();
        const std::size_t written = at_once ? write_at_once(lines) : 0;
        for (const Sink::Line& line : lines.subspan(written)) keep(line);
        if (!state_->idle()) wake_thread();
    } catch (...) {
        ++state_->lost;  // no memory, or no thread; the next line tries again
    }
}

// Returns how many lines are written, or in flight because the last write took only a part.
std::size_t Writer::write_at_once(std::span<const Sink::Line> lines) {
    State& state = *state_;
    std::string& bytes = state.in_flight;
    std::size_t next = 0;
    const auto has_room = [&] {
        return bytes.empty() ||
               bytes.size() + lines[next].text.size() + stamp_size <= destination_->most_together();
    };
    while (next < lines.size() && bytes.empty()) {
        if (state.lost > 0) take_next();
        for (; next < lines.size() && has_room(); ++next)
            state.format->append(bytes, lines[next].level, lines[next].text);
        std::string_view rest = bytes;
        do {
            state.error = destination_->write(rest, Destination::Wait::no);
        } while (state.error == 0 && !rest.empty());
        bytes.erase(0, bytes.size() - rest.size());
    }
    return next;
}

void Writer::keep(const Sink::Line& line) {
    State& state = *state_;
    std::string record;
    state.format->append(record, line.level, line.text);
    state.size += cost(record);
    state.queue.push_back(std::move(record));
    for (; state.size > queue_limit; ++state.lost) {
        state.size -= cost(state.queue.front());
        state.queue.pop_front();
    }
}

// Puts what is to be written next in flight. First the number of lost lines, which were older than the queue.
void Writer::take_next() {
    State& state = *state_;
    if (state.lost > 0)
        state.format->append(state.in_flight, warning,
                             "system: " + std::to_string(state.lost) +
                                 " log lines were lost: " + destination_->reason(state.error));
    state.lost = 0;
    const auto has_room = [&](const std::string& record) {
        return state.in_flight.empty() ||
               state.in_flight.size() + record.size() <= destination_->most_together();
    };
    while (!state.queue.empty() && has_room(state.queue.front())) {
        state.in_flight += state.queue.front();
        state.size -= cost(state.queue.front());
        state.queue.pop_front();
    }
}

void Writer::wake_thread() {
    if (!std::exchange(state_->has_thread, true)) {
        try {
            base::quiet_thread([this, state = state_] { run(*state); }).detach();
        } catch (...) {
            state_->has_thread = false;
            throw;
        }
    }
    state_->more.notify_one();
}

void Writer::run(State& state) {
    std::unique_lock lock(state.mutex);
    for (;;) {
        state.more.wait(lock, [&] { return !state.idle(); });
        try {
            if (state.in_flight.empty()) take_next();
        } catch (...) {
            ++state.lost;  // no memory
        }
        state.in_thread = true;
        const std::string bytes = std::exchange(state.in_flight, {});
        lock.unlock();
        write_waiting(state, bytes);
        lock.lock();
        state.in_thread = false;
        if (state.idle()) state.done.notify_all();
    }
}

void Writer::write_waiting(State& state, std::string_view bytes) {
    while (!bytes.empty()) {
        const int error = destination_->write(bytes, Destination::Wait::yes);
        if (error == 0) continue;
        {
            const std::lock_guard lock(state.mutex);
            state.error = error;
        }
        std::this_thread::sleep_for(pause_after_error);
    }
}

void Writer::finish(base::Milliseconds limit) {
    std::unique_lock lock(state_->mutex);
    state_->done.wait_for(lock, limit, [this] { return state_->idle(); });
}

// Abandons the old state: its mutex may be locked by a thread that does not exist in this process.
void Writer::forked() {
    state_ = new State;
}

Writer& writer_to(const std::string& path) {
    const std::lock_guard lock(writers().mutex);
    Writer*& writer = writers().by_path[path];
    if (writer == nullptr) writer = new Writer(path.empty() ? standard_error() : syslog_socket(path));
    return *writer;
}

void finish(base::Milliseconds limit) {
    const std::lock_guard lock(writers().mutex);
    for (const auto& [path, writer] : writers().by_path) writer->finish(limit);
}

}  // namespace sqlgrey::log
