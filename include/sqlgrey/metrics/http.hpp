// One HTTP request and its response. Pure functions without sockets, which a fuzzer can test; any thread.
#pragma once

#include "sqlgrey/metrics/exposition.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::metrics {

// The longest request in bytes, including the empty line. A longer one is refused.
inline constexpr std::size_t head_limit = 4096;

struct Health {
    bool good = true;
    std::string_view text;  // one line, shown as the body
};

// Make the pages; called only when they are requested.
struct Pages {
    std::function<std::string(Format)> metrics;
    std::function<Health()> health;
};

// The response to what a client has sent so far; nothing if the request is incomplete. Serves /metrics and
// /healthz to GET and HEAD, and refuses everything else. The caller must close the connection after any
// response: bytes after the request are ignored.
std::optional<std::string> respond(std::string_view received, const Pages& pages);

// The response to a client that sends no complete request in time.
std::string timeout_response();

}  // namespace sqlgrey::metrics
