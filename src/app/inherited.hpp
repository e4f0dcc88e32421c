// What a daemon gets from the one whose place it takes (sqlgrey --replace), or from systemd.
#pragma once

#include "children.hpp"
#include "sqlgrey/base/shared_memory.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/process/daemon.hpp"
#include "sqlgrey/process/replace.hpp"
#include "sqlgrey/server/listener.hpp"
#include "sqlgrey/server/passed_sockets.hpp"

#include <vector>

namespace sqlgrey::app {

struct Inherited {
    server::PassedSockets passed;  // by a socket unit
    // Sockets that the daemon before had opened itself.
    std::vector<base::unique_fd> listeners, metrics_listeners;
    base::unique_fd counters;  // SharedState of the same layout
    base::unique_fd replace_socket;
};

// Adds them by their names: one that is none of those below was passed by a socket unit. Throws
// base::StartError if such a one is not a listening socket.
void add(Inherited& inherited, std::vector<process::PassedDescriptor> descriptors);

// The memory of the master and all children, whose counters a successor goes on with. Its layout is known to
// be the same only in the same version of the program.
class SharedStateFile {
  public:
    // Uses the memory of the daemon before, if there is any.
    static SharedStateFile of(base::unique_fd of_before);
    SharedState& operator*() const { return *memory_; }
    int fd() const { return file_.get(); }

  private:
    SharedStateFile(base::unique_fd file, base::Found found);

    base::unique_fd file_;
    base::SharedMemory<SharedState> memory_;
};

// What a successor gets.
std::vector<process::Offered> offer(const server::Listeners& listeners,
                                    const MetricsListeners& metrics_listeners, const SharedStateFile& state,
                                    const process::ReplaceSocket* replace_socket);

}  // namespace sqlgrey::app
