// The records that postgrey 1.37 keeps: those of postgrey.db and postgrey_clients.db. Pure.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/importer/db_dump.hpp"
#include "sqlgrey/net/address.hpp"

#include <string>
#include <variant>

namespace sqlgrey::importer {

// Of postgrey.db: who asked from a network, for a sender, to reach a recipient.
struct PostgreyTriplet {
    net::Address network;        // all bits behind its length are 0
    bool whole_address = false;  // it is one (--lookup-by-host), and postgrey said so
    std::string sender;          // lower case, folded: extension cut, numbers that are whole words as '#'
    std::string recipient;       // lower case
    base::Time first;
    base::Time last;
    bool operator==(const PostgreyTriplet&) const = default;
};

// Of postgrey_clients.db: how often a client was accepted after a retry.
struct PostgreyClient {
    net::Address address;
    long long count = 0;
    base::Time last;
    bool operator==(const PostgreyClient&) const = default;
};

// postgrey ran with --privacy: only hashes are left, from which nothing can be found out.
struct Hashed {
    bool operator==(const Hashed&) const = default;
};

// A key is network/sender/recipient, with --lookup-by-host address/32/sender/recipient (IPv6: 128). A sender
// may hold slashes: the addresses' '@' tell where it ends. Where they do not, the record is unreadable
// rather than guessed at.
using PostgreyRecord = std::variant<PostgreyTriplet, PostgreyClient, Hashed, UnreadableRecord>;
PostgreyRecord read_postgrey(const Pair& pair);

}  // namespace sqlgrey::importer
