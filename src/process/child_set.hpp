// The children of one Plan, a generation: starts them, replaces those that die, distributes connections among
// those that take any, tells all of them when to end. Treats all roles alike. Never blocks.
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
    ChildSet(Plan plan, LeaveMaster leave_master);
    ChildSet(const ChildSet&) = delete;  // the slots refer to the roles of the plan
    ChildSet& operator=(const ChildSet&) = delete;

    // Starts every child that is due.
    void start_due(Instant now);
    // A child of the process has ended; false if it is not one of these.
    bool ended(pid_t pid, int wait_status, Instant now);
    // From now on children that end are not replaced: another generation has taken over.
    void supersede();
    // The order to stop: TERM now, KILL after the plan's drain limit.
    void finish(Instant now);
    // The same if there are successors: children that take connections are told to hand them over, by the end
    // of their channels.
    void hand_over(Instant now);
    void kill_all();
    // KILL to those whose time is up.
    void kill_overdue(Instant now);
    // When start_due() or kill_overdue() will have something to do.
    std::optional<Instant> next_moment() const;

    bool finishing() const { return finishing_; }
    bool empty() const;
    // Every child that takes connections has reported that it is ready.
    bool ready() const;
    // At least one of them has, is alive, and was not told to end.
    bool serves() const;
    // How many children live that these counters are for.
    std::size_t living(const SlotCounters& counters) const;
    // How many children take connections.
    std::size_t takers() const;
    base::Milliseconds drain_limit() const { return plan_.drain_limit; }

    // Passes it to the child with the fewest connections; equal ones take turns. False if no child can take
    // it now.
    bool pass(const base::Message& connection, Comes comes, Instant now);

    // The channels to watch, and the handler of a readable one: the child is ready, hands connections over
    // (these go to `handover` while that is not full), or has closed its end.
    std::vector<int> channels() const;
    void read_channel(int channel, Instant now, HandoverQueue& handover);
    // For a forked child, which has no use for them.
    void close_channels();

  private:
    void start(Slot& slot, Instant now);
    bool few_are_ready() const;
    std::vector<Slot*> emptiest_first();
    void end_of_channel(Slot& slot, Instant now) const;
    void log_not_started(const Slot& slot, int error, Instant now);
    void log_lost() const;
    void write(int level, const std::string& text) const {
        plan_.logger->write(log::Category::system, level, text);
    }

    const Plan plan_;
    LeaveMaster leave_master_;
    base::SharedMemory<std::atomic<int>> open_connections_;  // one per slot
    std::vector<Slot> slots_;                                // grouped by role
    std::size_t last_passed_ = 0;
    std::optional<Instant> not_started_logged_;
    bool superseded_ = false;
    bool finishing_ = false;
};

}  // namespace sqlgrey::process
