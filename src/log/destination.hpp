// Where log lines are written: standard error, or the socket of a syslog daemon. A Destination is immutable,
// so that several threads and forked children may use it at once.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace sqlgrey::log {

class Destination {
  public:
    enum class Wait { no, yes };

    virtual ~Destination() = default;
    // True if write() with Wait::no does not wait for the reader of the log.
    virtual bool writes_without_waiting() const = 0;
    // How many bytes of several records may go into one write; a longer record is written alone.
    virtual std::size_t most_together() const = 0;
    // Removes from `bytes` what was written; returns 0 or an error number. With Wait::yes it may block for
    // any time, and SIGPIPE must be blocked.
    virtual int write(std::string_view& bytes, Wait wait) const = 0;
    // Why lines were lost, for the administrator. `error` is what write() returned last; 0: nobody read them.
    virtual std::string reason(int error) const = 0;
};

std::unique_ptr<const Destination> standard_error();
// The datagram socket at `path`. Found again for each record, so the syslog daemon may start later or
// restart.
std::unique_ptr<const Destination> syslog_socket(const std::string& path);

}  // namespace sqlgrey::log
