// The child that shows the metrics: a loop over a few connections, of which each is for one request.
//
// Anybody who can reach its port may send anything. So each connection lasts 5 s at most, 16 are open at most
// (one more closes the oldest, so that slow clients do not keep others out), a request has 4 KiB at most, and
// what a client sends behind it is read and dropped up to 64 KiB.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/metrics/http.hpp"

#include <cstddef>
#include <span>

namespace sqlgrey::metrics {

inline constexpr std::size_t most_clients = 16;
inline constexpr base::Milliseconds client_limit{5000};

// Accepts from the listening sockets (non-blocking), which other processes may have as well, until one of
// `ends` is readable or at its end. Then a response that has begun may still be read for a second. Throws
// std::system_error if it cannot poll(2).
void show(std::span<const base::unique_fd> listeners, std::span<const int> ends, const Pages& pages);

}  // namespace sqlgrey::metrics
