// The identity of a client: what the column `src` holds (src/greylist/README.md section 5). Pure once the
// two pattern files are read.
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

// The two name patterns of the smart method; letter case does not matter. Nothing: matches no name.
struct SmartPatterns {
    std::optional<Pattern> smtp_server;
    std::optional<Pattern> dyn_fqdn;
};

// The two files as read, and the mistakes found in them.
struct SmartPatternFiles {
    SmartPatterns patterns;
    std::vector<base::Problem> problems;
};
// Reads smtp_server.regexp and dyn_fqdn.regexp in that directory, one expression a file, no comments.
// An empty file (lines of blanks count as none) matches no name. Of several lines the last counts: a
// warning. A file that is missing, no regular file, over 64 KiB or not an expression matches every
// name: an error. Never throws but for lack of memory.
SmartPatternFiles read_smart_patterns(const std::string& conf_dir);

// How clients are told apart. Immutable once built; may be used by several threads at once.
struct IdentityRules {
    GreyMethod method = GreyMethod::smart;
    SmartPatterns patterns{};  // of `smart`
    int ipv4_prefix = 24;      // of `prefix`: the leading bits that count
    int ipv6_prefix = 64;
};

// Why a client has its identity.
enum class IdentityBasis {
    method,           // greymethod says so for every client
    no_name,          // smart: it has no verified name
    ipv6,             // smart
    server_name,      // smart: smtp_server.regexp matches its name
    address_in_name,  // smart: its name holds the last byte of its address
    pool_name,        // smart: dyn_fqdn.regexp matches its name
    ordinary_name     // smart: none of these
};
// In words: "the name matches smtp_server.regexp, so its network counts".
std::string_view reason(IdentityBasis basis);

struct Identity {
    std::string text;
    IdentityBasis basis;
};
// See client_identity().
Identity identify(const IdentityRules& rules, std::string_view text, const Address& address,
                  std::string_view client_name);

// The identity of a client: `full` the address as given; `classc` and `smart` as
// src/greylist/README.md section 5 says; `prefix` its network(), whatever its name. `text` is client_address
// as sent and `address` the same parsed. Time is linear in the name (patterns that only PCRE2 takes:
// bounded).
std::string client_identity(const IdentityRules& rules, std::string_view text, const Address& address,
                            std::string_view client_name);

}  // namespace sqlgrey::net
