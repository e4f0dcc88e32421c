// Pools: all clients of an organisation count as one client, because a large sender retries from another of
// its addresses.
//
// Only a verified host name (Postfix's client_name) shows whose client it is; an unverified one
// (reverse_client_name) can say anything. Machines and lines that an organisation rents to customers are
// excluded; their names show what they are.
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

// Immutable once built; thread-safe.
struct PoolRules {
    PublicSuffixes suffixes{};
    std::optional<Pattern> smtp_server;  // nothing: matches no name
    std::optional<Pattern> customers;
};

// The rules, and the mistakes found in the files, as sentences for the log.
struct PoolFiles {
    PoolRules rules;
    std::vector<base::Problem> problems;
    std::string public_suffix_list;  // its path; empty: the one built into libpsl
    base::Time list_made;
    std::string customers;  // path of the expression; empty: the shipped one
};
// Reads smtp_server.regexp and pool_customers.regexp in that directory, as read_smart_patterns() does, and
// the public suffix list (empty: the system's). If pool_customers.regexp cannot be used, the shipped one is
// used, with a warning. Throws only std::bad_alloc.
PoolFiles read_pool_rules(const std::string& conf_dir, const std::string& public_suffix_list);

// Whether a client belongs to a pool, and if not, why.
enum class Membership {
    member,
    unverified,        // no name, or not a host name
    no_organisation,   // the name itself is a public suffix
    holds_address,     // a customer: the name contains the address
    customer_by_shape  // a customer: pool_customers.regexp matches the name
};

// "its name holds its address", for the log.
std::string_view reason(Membership membership);

struct Pool {
    Membership membership = Membership::unverified;
    std::string organisation;  // google.com; empty if there is none
    bool operator==(const Pool&) const = default;
};

// A client is a customer if its name contains three or more octets of the address; or two, unless
// smtp_server.regexp matches; or if pool_customers.regexp matches. The last does not count if the sender's
// domain and the host's have the same owner (are_related()): a provider's own mail comes from its own
// machines, whatever their names. Names and domains in any letter case. Time is linear in the length of the
// name.
Pool pool_of(const PoolRules& rules, std::string_view client_name, const Address& address,
             std::string_view sender_domain);

// pool_of() with a cache of 1,024 clients: most mail comes from a few, and finding out takes 1 to 3 us.
// Thread-safe.
class PoolFinder {
  public:
    explicit PoolFinder(PoolRules rules);
    Pool pool_of(std::string_view client_name, const Address& address, std::string_view sender_domain) const;

  private:
    struct Remembered {
        std::string client_name;
        Address address;
        Pool pool;  // for senders of other domains
    };

    PoolRules rules_;
    mutable std::mutex mutex_;
    mutable std::vector<Remembered> clients_;  // indexed by a hash of both
};

// The identity of a pool, as in the column `src`: '@' and the domain, at most 39 bytes; of a longer one the
// first 17 bytes, '#' and 20 digits of its SHA-256. No address or network begins with '@'.
std::string pool_identity(std::string_view organisation);
// The identity as stored with privacy_key_file; a pool's keeps its '@'.
std::string hashed_identity(const base::KeyedHash& hash, const std::string& identity);

// The network that is recorded for a pool: the /24 of IPv4 or /64 of IPv6, as network() writes it.
std::string pool_network(const Address& address);

}  // namespace sqlgrey::net
