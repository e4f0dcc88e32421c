// Values of options by their kind. Each throws UsageError with the name of the option, what was typed, and
// what was expected.
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

// An address without the brackets that a log puts around it: "<a@example.org>". "<>" stays.
std::string mail_address_of(const std::string& typed);

// "30d", "1h30m": from a second to ten years.
std::optional<base::Seconds> duration_of(const Invocation& invocation, const char* option);

// A time (RFC 3339, or a day), or how long ago it was.
std::optional<base::Time> moment_of(const Invocation& invocation, const char* option, base::Time now);

}  // namespace sqlgrey::ctl
