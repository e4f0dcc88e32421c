// The master: accepts connections, passes them to children, and supervises those. It never opens a database
// and never reads a request; a child is only a function to run.
//
// Signals. TERM, INT and QUIT stop: children finish pending requests, within a limit, then are killed; a
// second signal kills at once. With a descriptor store, connections are put there. HUP and USR1 reload: a new
// generation of children is started. Once it is ready, it gets all new connections, and the old generation
// hands its own over. A generation is ready when all its children that take connections are or, after
// switch_limit, when one is; until then the old generation continues. A child that dies is replaced; one that
// dies within a minute of its start is replaced after a growing pause (0.1 s doubling to 10 s, but at most 2
// s while fewer than half of those that take connections are ready).
#pragma once

#include "sqlgrey/base/shared_memory.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/process/descriptor_store.hpp"
#include "sqlgrey/process/pid_file.hpp"
#include "sqlgrey/process/replace.hpp"

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sqlgrey::process {

// What a child gets from the master.
struct ChildContext {
    // The master passes connections here, each with the text of its listening socket or of its last worker
    // (base/fd_passing.hpp). The end of the channel means that a new generation has taken over: a worker
    // sends its connections back and finishes. If they cannot be sent back, the master is gone.
    base::unique_fd channel;
    int stop = -1;  // signalfd of TERM: readable when the child must finish and has no successor
    // Shared with the master, which adds one for each connection that it passes; the child subtracts one for
    // each that it closes or sends back.
    std::atomic<int>* open_connections = nullptr;
    std::function<void()> ready;  // tells the master that the child is ready
    std::size_t slot = 0;         // number among the children of its role, from 0; its successor has the same

    // Waits for `time`. Returns false, at once, when the child must finish or the master is gone.
    bool pause(base::Milliseconds time) const;
};

// Counters of one slot, in memory shared with the children. Only the master writes them.
struct alignas(base::cache_line) SlotCounters {
    base::Counter starts;       // of a child in this slot
    base::Counter ends;         // of a child, for whatever reason
    base::Counter deaths;       // of a child that the master had not told to end
    base::Counter connections;  // accepted and passed to it; not those handed over by an old generation
    // All connections passed to children of the slot, and those that were open when a child ended.
    base::Counter passed, lost;
};

// Children with the same task. `run` is called in each, after fork(2), and returns its exit status (the child
// leaves with _exit(2)). The master has no thread except the log's, which does not exist in the child, so a
// child may start threads. In a child TERM is blocked, and HUP, INT, QUIT, USR1 and PIPE are ignored.
//
// The title of a child in ps(1) is "sqlgrey: " and the name of the role, followed by the number of its slot,
// from 1, if the role takes connections.
struct Role {
    std::string name;  // for the log: "worker"
    std::size_t count = 1;
    std::function<int(ChildContext&)> run;
    bool takes_connections = false;  // otherwise nothing is sent over the channel, and only TERM ends a child
    // False: setuid and setgid programs that its children start do not get those rights.
    bool may_gain_privileges = false;
    // One per slot; a slot without one is not counted. Must outlive the master: later generations continue
    // them.
    std::span<SlotCounters> counters = {};
};

// The children of one generation. At least one takes connections.
struct Plan {
    std::vector<Role> roles;
    // What is logged about these children, and by the master while they are the newest.
    std::shared_ptr<const log::Logger> logger;
    base::Milliseconds drain_limit{6000};  // from the order to finish, or to hand over, until SIGKILL
};

// Logs why a child cannot continue. Never throws: without memory there may be no line.
void log_child_failure(const std::exception& error, const log::Logger& logger) noexcept;

// How this daemon replaces another, and can be replaced itself (process/replace.hpp). Without a socket it
// cannot be replaced.
struct Replacing {
    std::optional<Predecessor> predecessor;
    PidFile* pid_file = nullptr;  // must outlive the master; there is one if there is a socket or predecessor
    const ReplaceSocket* socket = nullptr;  // must outlive the master
    std::vector<Offered> offered;           // open as long as the master runs
    // The version of the texts that this program's workers send along with connections. One that reads
    // another gets no connections: they are closed once their replies are sent.
    std::string connection_format;
    // Called when the successor serves and has all connections; run_master() returns next.
    std::function<void(pid_t successor)> on_replaced;
};

// How connections outlive a restart: at a stop, they are put into systemd's descriptor store between two
// requests instead of being closed.
struct Keeping {
    std::optional<DescriptorStore> store;
    std::vector<Offered> kept;               // goes into the store too
    std::vector<base::Message> connections;  // that were in the store; passed to the first generation
    // Called before they are passed: from now on systemd must not have copies of them.
    std::function<void()> on_taken;
    // Called at the end of a stop, if `kept` is in the store.
    std::function<void()> on_kept;
};

// A listening socket, non-blocking, and what a child is told along with each connection of it
// (ChildContext::channel).
struct Listening {
    base::unique_fd socket;
    std::string text{};
};

// What run_master() needs apart from the first plan.
struct MasterOptions {
    std::vector<Listening> listeners;
    // For HUP and USR1: the next generation; nothing if the new settings are wrong (the function has logged
    // that, and the old generation continues). If it throws, that is logged and counts as nothing.
    std::function<std::optional<Plan>(int signal_number)> reload;
    // How long to wait for all children of a new generation that take connections; after that one is enough.
    base::Milliseconds switch_limit{10'000};
    // Called once, when all children of the first generation that take connections are ready, and the
    // predecessor has let them serve.
    std::function<void()> on_ready;
    Replacing replacing;
    Keeping keeping;
};

// Runs until told to stop; returns the exit status of the daemon. Events are logged as category `system`,
// by the logger of the newest plan.
// While it runs, it blocks the signals above and CHLD, and reaps every child of this process. Throws
// std::system_error if it cannot start, and base::StartError if the predecessor goes on instead.
int run_master(Plan plan, MasterOptions options);

}  // namespace sqlgrey::process
