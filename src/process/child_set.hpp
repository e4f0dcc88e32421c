// The children of one Plan, a generation: starts them, replaces those that die, spreads connections over
// those that take any, tells all of them when to end. Every role is treated alike. Nothing here blocks.
#pragma once

#include "handover_queue.hpp"
#include "slot.hpp"
#include "sqlgrey/base/shared_memory.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/process/master.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::process {

class ChildSet {
  public:
    ChildSet(Plan plan, LeaveMaster leave_master, const log::Logger& logger);
    ChildSet(const ChildSet&) = delete;  // the slots refer to the roles of the plan
    ChildSet& operator=(const ChildSet&) = delete;

    // Starts every child whose time has come.
    void start_due(Instant now);
    // A child of the process has ended; false if it was none of these.
    bool ended(pid_t pid, int wait_status, Instant now);
    // From now on children that end are not replaced: another generation has taken over.
    void supersede();
    // The order to stop: TERM now, KILL after the plan's drain limit.
    void finish(Instant now);
    // The same for those that have successors: children that take connections are told by the end of their
    // channels to hand them over.
    void hand_over(Instant now);
    void kill_all();
    // KILL to those that had their time.
    void kill_overdue(Instant now);
    // When start_due() or kill_overdue() will have something to do.
    std::optional<Instant> next_moment() const;

    bool finishing() const { return finishing_; }
    bool empty() const;
    // Every child that takes connections has said that it is ready.
    bool ready() const;
    // At least one of them has said so, lives, and was not told to end.
    bool serves() const;
    // How many take connections.
    std::size_t takers() const;
    base::Milliseconds drain_limit() const { return plan_.drain_limit; }

    // The child with the fewest connections gets it; ties go round. `text` is what its last worker said of
    // it; nothing if it was accepted just now. False if none can take it now.
    bool pass(int connection, std::optional<std::string_view> text, Instant now);

    // The channels to watch, and what to do when one is readable: a child is ready, hands connections over,
    // which go to `handover` as long as there is room, or has closed its end.
    std::vector<int> channels() const;
    void read_channel(int channel, Instant now, HandoverQueue& handover);
    // In a child: none of these is its business.
    void close_channels();

  private:
    void start(Slot& slot, Instant now);
    bool few_are_ready() const;
    std::vector<Slot*> emptiest_first();
    void end_of_channel(Slot& slot, Instant now) const;
    void log_not_started(const Slot& slot, int error, Instant now);
    void log_lost() const;
    void write(int level, const std::string& text) const {
        logger_.write(log::Category::system, level, text);
    }

    const Plan plan_;
    LeaveMaster leave_master_;
    const log::Logger& logger_;
    base::SharedMemory<std::atomic<int>> open_connections_;  // one a slot
    std::vector<Slot> slots_;                                // role after role
    std::size_t last_passed_ = 0;
    std::optional<Instant> not_started_logged_;
    bool superseded_ = false;
    bool finishing_ = false;
};

}  // namespace sqlgrey::process
