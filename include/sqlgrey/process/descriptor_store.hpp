// systemd's descriptor store: keeps connections and sockets open while the service restarts.
//
// A service puts descriptors into it with FDSTORE=1 (sd_notify(3)), and the next start gets them among its
// passed descriptors, by their names. After a stop that is no restart, systemd closes them.
#pragma once

#include "sqlgrey/base/fd_passing.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/process/daemon.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::process {

class DescriptorStore {
  public:
    // The store of this service; nothing without $NOTIFY_SOCKET, or if $FDSTORE is not the number of
    // descriptors that it may keep. systemd sets that from version 254 on, our unit for older ones.
    // `connection_format` is the version of the texts of connections.
    static std::optional<DescriptorStore> of_service(std::string_view connection_format);

    // False if it was not sent, or the store is full. Waits a second at most; call it no more after that.
    bool put(const std::string& name, int fd);
    // With its text, which the name of a descriptor could not hold.
    bool put_connection(const base::Message& connection);
    // Waits until systemd has taken all of them: it ignores messages of a process that has ended. At most 5
    // s.
    void wait_until_taken() const;
    std::size_t connections() const { return connections_; }

  private:
    DescriptorStore(base::unique_fd socket, std::size_t room, std::string_view connection_format);
    bool write_text(const base::Message& connection);

    base::unique_fd socket_;
    std::size_t room_;
    std::string connection_format_;
    base::unique_fd texts_;
    std::size_t connections_ = 0;
};

// Takes the connections, with their texts, out of the descriptors that were passed at the start. One whose
// text is missing or has another format is closed, because what has been read of its next request is not
// known.
std::vector<base::Message> take_stored_connections(std::vector<PassedDescriptor>& passed,
                                                   std::string_view connection_format);

// True for the names that put_connection() uses.
bool is_name_in_store(std::string_view name);

// Lets systemd forget everything of that name: its copy would keep a closed connection open.
void forget_stored(const std::string& name);
}  // namespace sqlgrey::process
