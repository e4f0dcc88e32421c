// Pools: the clients of one organisation are one client, because a large sender retries from another of its
// addresses than the first time.
//
// Only a verified host name (Postfix's client_name) says whose client it is: a name that only the address
// leads to (reverse_client_name) is free to invent. Machines and lines that an organisation lets to customers
// are not it, and are told by their names.
#pragma once

#include "sqlgrey/base/keyed_hash.hpp"
#include "sqlgrey/base/problem.hpp"
#include "sqlgrey/net/address.hpp"
#include "sqlgrey/net/pattern.hpp"
#include "sqlgrey/net/public_suffixes.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::net {

// Immutable once built; may be used by several threads at once.
struct PoolRules {
    PublicSuffixes suffixes{};
    std::optional<Pattern> smtp_server;  // nothing: matches no name
    std::optional<Pattern> customers;
};

// What reading the files gave, and what is wrong with them, in sentences for the log.
struct PoolFiles {
    PoolRules rules;
    std::vector<base::Problem> problems;
};
// Reads smtp_server.regexp and pool_customers.regexp in that directory, as read_smart_patterns() does, and
// the public suffix list (empty: the system's). Without a pool_customers.regexp that can be used the one that
// is shipped counts: a warning. Never throws but for lack of memory.
PoolFiles read_pool_rules(const std::string& conf_dir, const std::string& public_suffix_list);

// Whether a client is one of a pool, and if not, why.
enum class Membership {
    member,
    unverified,        // no name, or no host name
    no_organisation,   // the name is a public suffix itself
    holds_address,     // a customer: its name is made of its address
    customer_by_shape  // a customer: its name is one of pool_customers.regexp
};

// "its name holds its address", for the log.
std::string_view reason(Membership membership);

struct Pool {
    Membership membership = Membership::unverified;
    std::string organisation;  // google.com; empty if there is none
    bool operator==(const Pool&) const = default;
};

// Asked in this order: the name holds three octets of the address or more; it holds two, and is not one of
// smtp_server.regexp; it is one of pool_customers.regexp. The last only where the domain of the sender is not
// of the same owner as that of the host (are_related()): a provider's own mail comes from its own machines,
// whatever they are called. Names and domains in any letter case. Time is linear in the name.
Pool pool_of(const PoolRules& rules, std::string_view client_name, const Address& address,
             std::string_view sender_domain);

// The same, and remembers of 1,024 clients what their names and addresses say, which takes a microsecond or
// three to find out: most mail comes from a few. May be used by several threads at once.
class PoolFinder {
  public:
    explicit PoolFinder(PoolRules rules);
    Pool pool_of(std::string_view client_name, const Address& address, std::string_view sender_domain) const;

  private:
    struct Remembered {
        std::string client_name;
        Address address;
        Pool pool;  // for senders elsewhere
    };

    PoolRules rules_;
    mutable std::mutex mutex_;
    mutable std::vector<Remembered> clients_;  // by a hash of both
};

// The identity of a pool, as the column `src` holds it: '@' and the domain, at most 39 bytes; of a longer one
// the first 17 bytes, '#' and 20 digits of its SHA-256. No address and no network begins with '@'.
std::string pool_identity(std::string_view organisation);
// The identity of a client or pool as the column holds it with privacy_key_file; a pool's keeps its '@'.
std::string hashed_identity(const base::KeyedHash& hash, const std::string& identity);

// The network that is remembered as a pool's: the /24 of IPv4, the /64 of IPv6, as network() writes them.
std::string pool_network(const Address& address);

}  // namespace sqlgrey::net
