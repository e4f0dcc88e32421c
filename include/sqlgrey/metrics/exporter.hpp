// The server that shows the metrics: one thread, a few connections with one request each.
//
// Anybody who can reach its port may send anything, so everything is bounded: a connection lasts at most 5 s,
// at most 16 are open (a further one closes the oldest, so that slow clients do not keep others out), a
// request has at most 4 KiB, and at most 64 KiB after it are read and dropped.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/metrics/http.hpp"

#include <cstddef>
#include <span>

namespace sqlgrey::metrics {

inline constexpr std::size_t most_clients = 16;
inline constexpr base::Milliseconds client_limit{5000};

// Serves clients of the listening sockets (non-blocking, possibly shared with other processes) until one of
// `ends` is readable or closed. Clients then have one more second to read a response. Throws
// std::system_error if poll(2) fails.
void show(std::span<const base::unique_fd> listeners, std::span<const int> ends, const Pages& pages);

}  // namespace sqlgrey::metrics
