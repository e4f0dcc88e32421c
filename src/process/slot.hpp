// The place of one child. While the child is alive the slot has its pid; otherwise it may have a time at
// which to start the next one.
//
// Knows only its own child; ChildSet decides which slots are started, refilled or emptied. Never blocks.
#pragma once

#include "child.hpp"
#include "sqlgrey/base/fd_passing.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/process/master.hpp"

#include <atomic>
#include <chrono>
#include <optional>
#include <string_view>

namespace sqlgrey::process {

using Instant = std::chrono::steady_clock::time_point;

// Where a connection comes from: only new ones are counted as accepted.
enum class Comes { from_client, from_worker };

class Slot {
  public:
    // Empty, and due to start at once. `number` counts within the role. The role and `open_connections`,
    // which is in shared memory, must outlive the slot.
    Slot(const Role& role, std::size_t number, std::atomic<int>& open_connections);

    // False if no process could be started (errno says why); the next attempt is after a pause.
    bool start(const LeaveMaster& leave_master, const log::Logger& logger, Instant now);
    bool is_due(Instant now) const { return start_at_ && *start_at_ <= now; }
    void start_no_later_than(Instant moment);  // if it is due to start at all
    void start_no_more() { start_at_.reset(); }

    // The child has ended; `unexpectedly` if the master had not told it to.
    void ended(bool unexpectedly);
    // Sets the start time of the next child: at once if the last one lived for a minute, otherwise after a
    // pause that doubles from 0.1 s to 10 s.
    void replace(Instant now);

    // Each of these is an order to the child, if there is one, followed by SIGKILL at `kill_at`.
    void finish(Instant kill_at);
    // Closes the channel, so that the child hands its connections over and finishes; the same as finish() if
    // it has no channel.
    void hand_over(Instant kill_at);
    // It has ended or is about to: it gets no more connections, and has until then to end.
    void retire(Instant kill_at);
    void kill();  // at once

    // Passes a connection.
    base::PassResult pass(const base::Message& connection, Comes comes);
    int open_connections() const { return open_connections_.load(); }

    int channel() const { return channel_.get(); }  // -1: none
    void close_channel() { channel_.reset(); }
    void set_ready() { ready_ = true; }

    const Role& role() const { return role_; }
    SlotCounters* counters() const;     // null: it is not counted
    pid_t pid() const { return pid_; }  // 0: empty
    bool is_ready() const { return ready_; }
    // True if connections may be passed to it: the child is ready and was not told to end. A child that is
    // starting may never become ready, and connections passed to it would be lost.
    bool serves() const { return role_.takes_connections && ready_ && accepts_; }
    bool is_overdue(Instant now) const { return pid_ != 0 && kill_at_ && *kill_at_ <= now; }
    // When it will be due to start or to be killed.
    std::optional<Instant> next_moment() const;

  private:
    void lengthen_pause(Instant now);

    const Role& role_;
    std::size_t number_;
    std::atomic<int>& open_connections_;
    pid_t pid_ = 0;
    base::unique_fd channel_;
    bool ready_ = false;
    bool accepts_ = false;  // connections
    Instant started_{};
    std::optional<Instant> start_at_ = Instant{};
    std::optional<Instant> kill_at_;
    base::Milliseconds pause_{0};  // before the last start
};

}  // namespace sqlgrey::process
