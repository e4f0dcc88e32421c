// The master: accepts connections, hands them to children, supervises those. It never opens a database and
// never reads a request; it knows a child only as a function to run.
//
// Signals: TERM, INT and QUIT stop (children finish what is in hand, bounded, then are killed; a second
// one kills at once); HUP and USR1 reload: a new generation of children is started, and when it is ready it
// gets all new connections, and the old one hands its own over to it. It is ready when each child that takes
// connections is or, after switch_limit, when one is; while none is the old generation goes on. A child that
// dies is replaced, one that dies within a minute of its start with a growing pause (0.1 s doubling to 10 s,
// but to 2 s while fewer than half of those that take connections are ready).
#pragma once

#include "sqlgrey/base/shared_memory.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/log/logger.hpp"

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sqlgrey::process {

// What a child gets from the master.
struct ChildContext {
    // The master passes connections here, each with the text of its last worker (base/fd_passing.hpp). When
    // the channel ends, a new generation has taken over: a worker sends its connections back and finishes. If
    // they cannot be sent back, the master is gone.
    base::unique_fd channel;
    int stop = -1;  // a signalfd of TERM: readable when the child must finish and has no successor
    // Shared with the master, which adds one for each connection that it passes; the child subtracts one for
    // each that it closes or sends back.
    std::atomic<int>* open_connections = nullptr;
    std::function<void()> ready;  // tells the master that the child has begun its work
    std::size_t slot = 0;         // number among the children of its role, from 0; a successor has the same

    // Waits for `time`. Returns false, at once, when the child must finish or the master is gone.
    bool pause(base::Milliseconds time) const;
};

// The master's counts of one slot, in memory that it shares with its children. The master alone writes them.
struct alignas(base::cache_line) SlotCounters {
    base::Counter starts;       // of a child
    base::Counter deaths;       // of a child that the master had not told to end
    base::Counter connections;  // accepted and passed to it; not those that an old generation handed over
};

// Children that do the same. `run` is called in each, forked, and returns its exit status (the child leaves
// with _exit(2)). The master has no thread but the log's, which does not come along, so a child may start its
// own. In a child TERM is blocked, HUP, INT, QUIT, USR1 and PIPE are ignored.
//
// A child's title for ps(1) is "sqlgrey: " and the name of the role, with the number of the slot from 1 on if
// the role takes connections.
struct Role {
    std::string name;  // for the log: "worker"
    std::size_t count = 1;
    std::function<int(ChildContext&)> run;
    bool takes_connections = false;  // otherwise nothing is sent over the channel, and only TERM ends a child
    // Programs that its children start may be setuid or setgid; otherwise those run without these rights.
    bool may_gain_privileges = false;
    // One a slot; a slot for which there is none is not counted. Must outlive the master: the counts go on in
    // the generations to come.
    std::span<SlotCounters> counters = {};
};

// The children of one generation. At least one of them takes connections.
struct Plan {
    std::vector<Role> roles;
    base::Milliseconds drain_limit{6000};  // from the order to finish, or to hand over, to SIGKILL
};

// Logs why a child cannot go on. Never throws: without memory there may be no line.
void log_child_failure(const std::exception& error, const log::Logger& logger) noexcept;

struct MasterOptions {
    std::vector<base::unique_fd> listeners;  // non-blocking
    // HUP and USR1: the next generation, or nothing if the new settings are bad (they have been logged, the
    // old generation goes on). It may throw; that is logged and counts as nothing.
    std::function<std::optional<Plan>(int signal_number)> reload;
    // Until all children of a new generation that take connections are ready; after it one is enough.
    base::Milliseconds switch_limit{10'000};
    // Called once, when all children of the first generation that take connections are ready.
    std::function<void()> on_ready;
};

// Runs until told to stop; gives the exit status of the daemon. The logger is the one in force;
// events are logged as category `system`. Blocks the signals above and CHLD while it runs and reaps every
// child of this process. Throws std::system_error if it cannot begin.
int run_master(Plan plan, MasterOptions options, const log::Logger& logger);

}  // namespace sqlgrey::process
