// What programs write in front of and into a line of a mail log.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <optional>
#include <string_view>

namespace sqlgrey::importer {

struct LogLine {
    base::Time at;
    std::string_view tag;      // "postfix/smtpd", without a process id; empty if no program is named
    std::string_view message;  // the text of that program
};

// A syslog line, whichever program wrote it. The host may be missing; a priority ("<22>", also in RFC 5424's
// form) or the name of a container, pod or file may precede it, and facility and level may be where syslogd
// of FreeBSD, BusyBox or Solaris puts them. Nothing if there is no time where one is expected, see
// take_time().
std::optional<LogLine> read_log_line(std::string_view text, base::Time latest);

}  // namespace sqlgrey::importer
