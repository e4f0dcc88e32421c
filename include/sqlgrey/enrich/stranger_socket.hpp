// The socket over which the workers of a generation tell their resolver of strangers. Neither side waits.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/enrich/stranger.hpp"

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

namespace sqlgrey::enrich {

struct StrangerSockets {
    base::unique_fd workers, resolver;
};
// A pair of sockets. Throws std::system_error.
StrangerSockets make_stranger_sockets();

// Sends a batch. Returns how many of it were not sent, because the resolver has not read what was sent before
// (the kernel keeps some 200 kB), or there is none. Any thread; never blocks or throws.
std::size_t tell(int workers, std::span<const Stranger> strangers) noexcept;

struct Told {
    std::vector<Stranger> strangers;
    std::chrono::system_clock::time_point when;  // they were sent
};
// The datagrams that have arrived, `most` at most.
std::vector<Told> hear(int resolver, std::size_t most);

}  // namespace sqlgrey::enrich
