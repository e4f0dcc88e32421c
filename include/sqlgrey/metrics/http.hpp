// One HTTP request and its response. Pure: knows no socket, so a fuzzer can give it anything.
#pragma once

#include "sqlgrey/metrics/exposition.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::metrics {

// Bytes of a request, up to the empty line. A longer one is refused.
inline constexpr std::size_t head_limit = 4096;

struct Health {
    bool good = true;
    std::string_view text;  // one line, for people
};

// What there is to see. Called only for a request that asks for it.
struct Pages {
    std::function<std::string(Format)> metrics;
    std::function<Health()> health;
};

// The response to what a client has sent so far; nothing if more must come. /metrics and /healthz are shown,
// to GET and HEAD; all else is refused. The connection is to be closed after any response, so what follows
// the request is ignored.
std::optional<std::string> respond(std::string_view received, const Pages& pages);

// To a client that sends no request in time.
std::string timeout_response();

}  // namespace sqlgrey::metrics
