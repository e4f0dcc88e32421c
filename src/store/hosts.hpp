// Which of several hosts has the database.
#pragma once

#include "driver.hpp"
#include "sqlgrey/store/sql_store.hpp"

namespace sqlgrey::store {

// What `open` makes of the first host with which it does not throw StoreFailure; throws what it throws
// for the last one. A host is good only when all of `open` worked, a proof that a row can be written too: a
// read-only server and a node that has lost its cluster take logins.
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
