// Where the bytes of log lines go: standard error, or the socket of a syslog daemon. A Destination has no
// state that changes, so that several threads and a forked child may use it at once.
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
    // How many bytes of several records go into one write; a longer record goes alone.
    virtual std::size_t most_together() const = 0;
    // Takes off `bytes` what was written; gives 0 or an error number. With Wait::yes it may take any time,
    // and SIGPIPE must be blocked.
    virtual int write(std::string_view& bytes, Wait wait) const = 0;
    // What the admin is told of lines that were lost after this error (0: none but that they were not read).
    virtual std::string reason(int error) const = 0;
};

std::unique_ptr<const Destination> standard_error();
// The datagram socket at that path. It is looked for at each record, so a syslog daemon may come later or
// anew.
std::unique_ptr<const Destination> syslog_socket(const std::string& path);

}  // namespace sqlgrey::log
