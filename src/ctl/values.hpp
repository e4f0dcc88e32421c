// Values of options by kind. Those that parse throw UsageError: the option, its value, what was expected.
#pragma once

#include "command.hpp"
#include "sqlgrey/base/time.hpp"

#include <optional>

namespace sqlgrey::ctl {

struct Range {
    std::int64_t least;
    std::int64_t most;
};
std::int64_t number_of(const Invocation& invocation, const char* option, Range range, std::int64_t otherwise);

// The address without the angle brackets of a log: "<a@example.org>". "<>" is not changed.
std::string mail_address_of(const std::string& typed);

// "30d", "1h30m": one second to ten years. Nothing if the option is not given.
std::optional<base::Seconds> duration_of(const Invocation& invocation, const char* option);

// A time (RFC 3339, or a day), or a duration before `now`. Nothing if the option is not given.
std::optional<base::Time> moment_of(const Invocation& invocation, const char* option, base::Time now);

}  // namespace sqlgrey::ctl
