// The resolver child: asks DNS about unknown clients (enrich).
#pragma once

#include "generation.hpp"
#include "sqlgrey/enrich/dns_list.hpp"
#include "sqlgrey/enrich/stranger_socket.hpp"
#include "sqlgrey/metrics/counters.hpp"
#include "sqlgrey/process/master.hpp"
#include "sqlgrey/store/target.hpp"

#include <vector>

namespace sqlgrey::app {

// The lists of dnswl and dnsbl, one for each zone of either.
std::vector<enrich::DnsList> dns_lists_of(const config::Settings& settings);

// Runs it; returns its exit status. `strangers` is the resolver's end of the sockets.
int ask_about_strangers(process::ChildContext& child, const Generation& generation,
                        const store::Target& target, enrich::Counters& counters, int strangers);

}  // namespace sqlgrey::app
