// What programs have written in front of and into a line of a mail log.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <optional>
#include <string_view>

namespace sqlgrey::importer {

struct LogLine {
    base::Time at;
    std::string_view tag;      // "postfix/smtpd", without a process id; empty if no program is named
    std::string_view message;  // what that program said
};

// A line of syslog, whoever wrote it down: the host may be missing; a priority ("<22>", also in RFC 5424's
// form), the name of a container, a pod or a file may stand in front, and facility and level where syslogd of
// FreeBSD, BusyBox or Solaris put them. Nothing if no time is found where one should be, see take_time().
std::optional<LogLine> read_log_line(std::string_view text, base::Time latest);

}  // namespace sqlgrey::importer
