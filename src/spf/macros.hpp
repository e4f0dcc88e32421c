// Macros (RFC 7208 section 7). Pure.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/net/address.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace sqlgrey::spf {

// Where a macro stands: %{c}, %{r} and %{t} may be used in explanations only.
enum class MacroPlace { domain, explanation };

// Throws SyntaxError unless the text is a macro-string of that place: visible ASCII, macros complete. In an
// explanation spaces are allowed too. True if it ends with a macro.
bool check_macros(std::string_view text, MacroPlace place);
// Throws SyntaxError unless the text is a domain-spec: a macro-string that ends with a macro, or with a dot
// and a label that can be a top-level domain.
void check_domain_spec(std::string_view text);

struct MacroValues {
    net::Address client;
    base::Time now;  // of %{t}
    std::string_view helo;
    std::string_view local_part;
    std::string_view sender_domain;
    std::string_view domain;                      // of the record
    std::function<std::string()> validated_name;  // of %{p}; asked at most once for each %{p}
};

// The text with its macros replaced. It must have passed check_macros(). At most 2,000 times as long as the
// longest value.
std::string expand(std::string_view text, const MacroValues& values);

// The same for a name to ask about, as is_dns_name() needs it: without a dot at the end, and without the
// first labels if it is longer than 253 bytes.
std::string expand_name(std::string_view spec, const MacroValues& values);

}  // namespace sqlgrey::spf
