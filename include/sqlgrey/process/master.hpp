// The master: accepts, hands connections to workers, supervises them. It never opens a database and
// never reads a byte of a request; it knows a worker only as a function to run in a child.
//
// Signals: TERM, INT and QUIT stop (children finish what is in hand, bounded, then are killed; a second
// one kills at once); HUP and USR1 reload: a new generation of children is started, and when it is ready it
// gets all new connections, and the old one hands its own over to it. It is ready when each worker is or,
// after switch_limit, when one is; while none is the old generation goes on. A child that dies is replaced,
// one that dies within a minute of its start with a growing pause (0.1 s doubling to 10 s, but to 2 s while
// fewer than half of the workers are ready).
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/log/logger.hpp"

#include <atomic>
#include <exception>
#include <functional>
#include <optional>
#include <vector>

namespace sqlgrey::process {

// What a child gets from the master.
struct ChildContext {
    // Descriptors to serve come here, each with what its last worker said of it (base/fd_passing.hpp). When
    // nothing more can come there is a successor: a worker sends the descriptors it has back, and finishes;
    // if that fails the master is gone.
    base::unique_fd channel;
    int stop = -1;  // a signalfd of TERM: readable when the child is to finish, with no successor
    // Shared with the master, which adds one for each connection that it passes; the child takes one
    // off for each that it closes or sends back.
    std::atomic<int>* open_connections = nullptr;
    std::function<void()> ready;  // tells the master that requests are being answered
    std::size_t slot = 0;         // 0 for the first worker; whoever takes a dead child's place has its number
};

// The children of one generation. Each function runs in a forked child and returns its exit status
// (the child leaves with _exit(2)); the master has no thread but the log's, which does not
// come along, so a child may start its own. In
// a child TERM is blocked, HUP, INT, QUIT, USR1 and PIPE are ignored.
struct Plan {
    int workers = 2;
    std::function<int(ChildContext&)> worker;
    std::function<int(ChildContext&)> maintenance;  // may be empty; its channel carries no descriptors
    base::Milliseconds drain_limit{6000};           // from the order to finish, or to hand over, to SIGKILL
};

// The line in the log of a child that cannot go on. Never throws: without memory there may be no line.
void log_child_failure(const std::exception& error, const log::Logger& logger) noexcept;

struct MasterOptions {
    std::vector<base::unique_fd> listeners;  // non-blocking
    // HUP and USR1: the next generation, or nothing if the new settings are bad (they have been logged, the
    // old generation goes on). It may throw; that is logged and counts as nothing.
    std::function<std::optional<Plan>(int signal_number)> reload;
    // So long the workers of a new generation may take until all are ready; then one is enough.
    base::Milliseconds switch_limit{10'000};
    // Called once, when every worker of the first generation is ready.
    std::function<void()> on_ready;
};

// Runs until told to stop; gives the exit status of the daemon. The logger is the one in force;
// events are logged as category `system`. Blocks the signals above and CHLD while it runs and reaps every
// child of this process. Throws std::system_error if it cannot begin.
int run_master(Plan plan, MasterOptions options, const log::Logger& logger);

}  // namespace sqlgrey::process
