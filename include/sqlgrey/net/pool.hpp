// Pools: all servers of an organisation count as one client, because a large sender often retries from
// another address (src/greylist/README.md section 5).
//
// Only a verified host name (Postfix's client_name) proves the organisation; an unverified one
// (reverse_client_name) can be anything. Servers and lines rented to customers are excluded by their names.
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

// Immutable once built; may be read by several threads at once.
struct PoolRules {
    PublicSuffixes suffixes{};
    std::optional<Pattern> smtp_server;  // smtp_server.regexp; nothing: matches no name
    std::optional<Pattern> customers;    // pool_customers.regexp
};

// The rules, and the mistakes found in the files, as text for the log.
struct PoolFiles {
    PoolRules rules;
    std::vector<base::Problem> problems;
    std::string public_suffix_list;  // its path; empty: the one built into libpsl
    base::Time list_made;            // modification time of the list, or when libpsl's was made
    std::string customers;           // path of pool_customers.regexp; empty: the shipped expression
};
// Reads smtp_server.regexp and pool_customers.regexp in that directory, as read_smart_patterns() does, and
// the public suffix list (empty: the system's). If pool_customers.regexp cannot be used, the shipped
// expression is, with a warning. Throws only std::bad_alloc.
PoolFiles read_pool_rules(const std::string& conf_dir, const std::string& public_suffix_list);

// Whether a client belongs to a pool, and if not, why.
enum class Membership {
    member,
    unverified,        // no name, or not a host name
    no_organisation,   // the name itself is a public suffix
    holds_address,     // a customer: the name contains the address
    customer_by_shape  // a customer: pool_customers.regexp matches the name
};

// As words for the log, for example "its name contains its address".
std::string_view reason(Membership membership);

struct Pool {
    Membership membership = Membership::unverified;
    std::string organisation;  // google.com; empty if there is none
    bool operator==(const Pool&) const = default;
};

// The pool of a client. A client is a customer if its name contains three or more octets of the address, or
// two unless smtp_server.regexp matches, or if pool_customers.regexp matches. The last does not count if
// sender and host have related domains (are_related()), because a provider's own servers may have any name.
// Letter case is ignored. Time is linear in the length of the name. Pure function; any thread.
Pool pool_of(const PoolRules& rules, std::string_view client_name, const Address& address,
             std::string_view sender_domain);

// pool_of() with a cache of 1,024 clients: most mail comes from a few, and pool_of() takes 1 to 3 us. May be
// called from several threads at once.
class PoolFinder {
  public:
    explicit PoolFinder(PoolRules rules);
    Pool pool_of(std::string_view client_name, const Address& address, std::string_view sender_domain) const;

  private:
    struct Remembered {
        std::string client_name;
        Address address;
        Pool pool;  // without regard to the sender
    };

    PoolRules rules_;
    mutable std::mutex mutex_;
    mutable std::vector<Remembered> clients_;  // indexed by a hash of both
};

// The identity of a pool for the column `src`, at most 39 bytes: '@' and the domain; for a domain longer than
// 38 bytes its first 17, '#' and 20 digits of its SHA-256. No address or network begins with '@'.
std::string pool_identity(std::string_view organisation);
// The same with another mark in place of '@'. Never cuts within a UTF-8 character.
std::string identity_of_domain(char mark, std::string_view domain);
// An identity as stored with privacy_key_file; that of a pool keeps its '@'.
std::string hashed_identity(const base::KeyedHash& hash, const std::string& identity);

// The network that is remembered for a pool: the /24 of an IPv4 or /64 of an IPv6 address, as network()
// writes it.
std::string pool_network(const Address& address);

}  // namespace sqlgrey::net
