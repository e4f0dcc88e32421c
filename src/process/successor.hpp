// The running daemon's side of --replace (process/replace.hpp): a process that wants to replace it. There is
// one at a time; others are refused meanwhile. Never blocks.
#pragma once

#include "sqlgrey/base/fd_passing.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/process/replace.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace sqlgrey::process {

class Successor {
  public:
    explicit Successor(int listening_socket) : listener_(listening_socket) {}

    // The descriptors to watch.
    std::vector<int> to_watch() const;
    // What was said by the one that is readable. `gone`: the one that had said hello has ended.
    enum class Said { nothing, hello, ready, gone };
    Said read(int fd);

    // After hello: what it gets. False if that could not be sent; it is disconnected then.
    bool welcome(const std::vector<Offered>& offered);
    // After ready: it may serve, and gets connections from now on. False as above.
    bool go();
    base::PassResult pass(const base::Message& connection) const;
    // One sentence for the administrator; disconnects it.
    void refuse(std::string_view reason);
    void disconnect();

    bool is_connected() const { return static_cast<bool>(connection_); }
    pid_t pid() const { return pid_; }
    // The version of the texts of connections that it reads.
    const std::string& connection_format() const { return connection_format_; }

  private:
    void accept();
    Said said(std::string_view text);

    int listener_;
    base::unique_fd connection_;
    pid_t pid_ = 0;
    std::string connection_format_;
    enum class Step { connected, preparing, went } step_ = Step::connected;
};

}  // namespace sqlgrey::process
