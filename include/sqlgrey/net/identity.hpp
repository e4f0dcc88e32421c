// The identity of a client, as in the column `src` (src/greylist/README.md section 5). Pure once the two
// pattern files are read.
#pragma once

#include "sqlgrey/base/choices.hpp"
#include "sqlgrey/base/problem.hpp"
#include "sqlgrey/net/address.hpp"
#include "sqlgrey/net/pattern.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::net {

using base::GreyMethod;

// The two name patterns of the method smart, without regard to letter case. Nothing: matches no name.
struct SmartPatterns {
    std::optional<Pattern> smtp_server;
    std::optional<Pattern> dyn_fqdn;
};

// The two files as read, and the mistakes found in them.
struct SmartPatternFiles {
    SmartPatterns patterns;
    std::vector<base::Problem> problems;
};
// Reads smtp_server.regexp and dyn_fqdn.regexp in that directory: one expression per file, no comments. An
// empty file (or only blank lines) matches no name. Of several lines the last one counts, with a warning. A
// file that is missing, not regular, over 64 KiB or not an expression matches every name, with an error.
// Throws only std::bad_alloc.
SmartPatternFiles read_smart_patterns(const std::string& conf_dir);

// How clients are told apart. Immutable once built; thread-safe.
struct IdentityRules {
    GreyMethod method = GreyMethod::smart;
    SmartPatterns patterns{};  // of `smart`
    int ipv4_prefix = 24;      // of `prefix`: leading bits that count
    int ipv6_prefix = 64;
};

// Why a client has its identity.
enum class IdentityBasis {
    method,           // greymethod applies to every client alike
    no_name,          // smart: no verified name
    ipv6,             // smart
    server_name,      // smart: smtp_server.regexp matches its name
    address_in_name,  // smart: the name contains the last byte of the address
    pool_name,        // smart: dyn_fqdn.regexp matches its name
    ordinary_name     // smart: none of these
};
// A phrase for `sqlgreyctl explain`: "the name matches smtp_server.regexp, so its network counts".
std::string_view reason(IdentityBasis basis);

// An identity and its basis.
struct Identity {
    std::string text;
    IdentityBasis basis;
};
// True if a client's name is missing or looks like that of a dial-up line, as the method smart sees it,
// whatever the method is: no verified name, or one that contains the last byte of an IPv4 address or is
// matched by dyn_fqdn.regexp, unless smtp_server.regexp matches it.
bool looks_dynamic(const SmartPatterns& patterns, const Address& address, std::string_view client_name);

// See client_identity().
Identity identify(const IdentityRules& rules, std::string_view text, const Address& address,
                  std::string_view client_name);

// The identity: with `full` the address as given; with `classc` and `smart` as src/greylist/README.md section
// 5 says; with `prefix` its network(), whatever its name. `text` is client_address as sent, `address` the
// same parsed. Time is linear in the length of the name (bounded, for patterns that need PCRE2).
std::string client_identity(const IdentityRules& rules, std::string_view text, const Address& address,
                            std::string_view client_name);

}  // namespace sqlgrey::net
