// Finding a usable one among several hosts of a database.
#pragma once

#include "driver.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/store/target.hpp"

namespace sqlgrey::store {

// Calls `open` for one host after another until it does not throw StoreFailure, and returns its result.
// Throws what it throws for the last host. `open` should write a row, because a read-only server and a node
// that has lost its cluster accept logins.
template <typename Open>
auto open_first_good(const Target& target, const Open& open) {
    if (tries_all_hosts(target.database) || target.hosts.size() < 2) return open(target);
    Target one = target;
    for (const Host& host : target.hosts) {
        one.hosts = {host};
        if (&host == &target.hosts.back()) break;
        try {
            return open(one);
        } catch (const greylist::StoreFailure&) {
            continue;
        }
    }
    return open(one);
}

}  // namespace sqlgrey::store
