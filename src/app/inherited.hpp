// What a daemon gets from the one whose place it takes (sqlgrey --replace), or from systemd: the sockets of a
// socket unit, and what the daemon before has put into the descriptor store.
#pragma once

#include "children.hpp"
#include "sqlgrey/base/fd_passing.hpp"
#include "sqlgrey/base/shared_memory.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/process/daemon.hpp"
#include "sqlgrey/process/replace.hpp"
#include "sqlgrey/server/listener.hpp"
#include "sqlgrey/server/passed_sockets.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sqlgrey::app {

struct Inherited {
    server::PassedSockets passed;  // by a socket unit
    // Sockets that the daemon before had opened itself.
    std::vector<base::unique_fd> listeners, metrics_listeners;
    base::unique_fd counters;  // SharedState of the same layout
    base::unique_fd replace_socket;
    std::vector<base::Message> connections;  // from the store
    std::set<std::string> stored;            // the names of all that was in it
};

// Adds those that systemd passes. Throws base::StartError if one of a socket unit is not a listening socket.
void add_passed(Inherited& inherited);
// Adds them by their names: one that is none of ours was passed by a socket unit. Throws as above.
void add(Inherited& inherited, std::vector<process::PassedDescriptor> descriptors);

// The memory of the master and all children, whose counters a successor goes on with. Its layout is known to
// be the same only in the same version of the program.
class SharedStateFile {
  public:
    // Uses the memory of the daemon before, if there is any.
    static SharedStateFile of(base::unique_fd of_before);
    SharedState& operator*() const { return *memory_; }
    // False while another daemon may still count in it.
    bool is_new() const { return is_new_; }
    int fd() const { return file_.get(); }

  private:
    SharedStateFile(base::unique_fd file, base::Found found);

    bool is_new_;
    base::unique_fd file_;
    base::SharedMemory<SharedState> memory_;
};

// What a successor gets.
std::vector<process::Offered> offer(const server::Listeners& listeners,
                                    const MetricsListeners& metrics_listeners, const SharedStateFile& state,
                                    const std::optional<process::ReplaceSocket>& replace_socket);

// What goes into the descriptor store at a stop: that, without what belongs to a socket unit or a pid file.
std::vector<process::Offered> what_to_keep(std::vector<process::Offered> offered);

}  // namespace sqlgrey::app
