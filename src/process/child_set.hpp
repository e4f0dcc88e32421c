// The children of one Plan: starts them, replaces those that die, sees them off.
//
// A slot is the place of one child; it has a pid while the child lives and a moment to start
// the next one while it is empty. Nothing here blocks.
#pragma once

#include "child.hpp"
#include "handover_queue.hpp"
#include "scoreboard.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/process/master.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::process {

class ChildSet {
  public:
    ChildSet(Plan plan, LeaveMaster leave_master, const log::Logger& logger);

    // Starts every child whose time has come.
    void start_due(Instant now);
    // A child of the process has ended; false if it was none of ours.
    bool ended(pid_t pid, int wait_status, Instant now);
    // Those that end from now on are not replaced: another generation has taken over.
    void supersede();
    // The order to stop: TERM now, KILL after the plan's drain limit.
    void finish(Instant now);
    // The same for those who have successors: the workers are told by the end of their channels to hand their
    // connections over.
    void hand_over(Instant now);
    void kill_all() const;
    // KILL to those that had their time.
    void kill_overdue(Instant now);
    // When start_due() or kill_overdue() will have something to do.
    std::optional<Instant> next_moment() const;

    bool finishing() const { return finishing_; }
    bool empty() const;
    // Every worker has said that it is ready.
    bool ready() const;
    // At least one worker has said so, lives, and is to take connections.
    bool serves() const;
    int workers() const { return plan_.workers; }
    base::Milliseconds drain_limit() const { return plan_.drain_limit; }

    // The ready worker with the fewest connections gets it; ties go round. `text` is
    // what its last worker said of it. False if none can take it now.
    bool pass(int connection, std::string_view text, Instant now);

    // The channels to watch, and what to do when one is readable: a child is ready, hands connections over,
    // which go to `handover` as long as there is room, or has closed its end.
    std::vector<int> channels() const;
    void read_channel(int channel, Instant now, HandoverQueue& handover);
    // In a child: none of these is its business.
    void close_channels();

  private:
    struct Slot {
        const char* role = "worker";
        std::atomic<int>* open_connections = nullptr;
        pid_t pid = 0;
        base::unique_fd channel;
        bool ready = false;
        bool takes = false;  // connections
        Instant started{};
        std::optional<Instant> start_at;  // while it is empty
        std::optional<Instant> kill_at;
        base::Milliseconds pause{0};  // before the last start
    };

    void start(Slot& slot, Instant now);
    static bool takes_connections(const Slot& slot);
    void say_not_started(const Slot& slot, int error, Instant now);
    void replace(Slot& slot, Instant now) const;
    void lengthen_pause(Slot& slot, Instant now) const;
    bool few_workers_live() const;
    std::vector<Slot*> emptiest_first();
    bool is_worker(const Slot& slot) const;
    std::span<const Slot> worker_slots() const;
    void retire(Slot& slot, Instant now) const;
    void end_of_channel(Slot& slot, Instant now) const;
    void say_lost() const;
    const std::function<int(ChildContext&)>& task(const Slot& slot) const;
    void say(int level, const std::string& text) const { logger_.write(log::Category::system, level, text); }

    Plan plan_;
    LeaveMaster leave_master_;
    const log::Logger& logger_;
    Scoreboard scoreboard_;
    std::vector<Slot> slots_;  // the workers, then maintenance
    std::size_t last_passed_ = 0;
    std::optional<Instant> told_not_started_;
    bool superseded_ = false;
    bool finishing_ = false;
};

}  // namespace sqlgrey::process
