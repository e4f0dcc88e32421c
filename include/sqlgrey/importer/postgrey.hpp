// The records of postgrey 1.37, in postgrey.db and postgrey_clients.db. Pure.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/importer/db_dump.hpp"
#include "sqlgrey/net/address.hpp"

#include <string>
#include <variant>

namespace sqlgrey::importer {

// From postgrey.db: network, sender and recipient of an attempt.
struct PostgreyTriplet {
    net::Address network;        // all bits after its length are 0
    bool whole_address = false;  // it is a whole address (--lookup-by-host), and the record says so
    std::string sender;          // lower case; without extension, whole-word numbers as '#'
    std::string recipient;       // lower case
    base::Time first;
    base::Time last;
    bool operator==(const PostgreyTriplet&) const = default;
};

// From postgrey_clients.db: how often a client was accepted after a retry.
struct PostgreyClient {
    net::Address address;
    long long count = 0;
    base::Time last;
    bool operator==(const PostgreyClient&) const = default;
};

// postgrey ran with --privacy: the record contains only hashes, from which nothing can be recovered.
struct Hashed {
    bool operator==(const Hashed&) const = default;
};

// A key is network/sender/recipient, or with --lookup-by-host address/32/sender/recipient (IPv6: 128). A
// sender may contain slashes; the '@' of the addresses shows where it ends. If that is ambiguous, the record
// is unreadable.
using PostgreyRecord = std::variant<PostgreyTriplet, PostgreyClient, Hashed, UnreadableRecord>;
// The meaning of a pair; any bytes are accepted.
PostgreyRecord read_postgrey(const Pair& pair);

}  // namespace sqlgrey::importer
