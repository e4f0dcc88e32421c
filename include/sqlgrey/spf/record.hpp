// An SPF record (RFC 7208, section 4.6 and 12): its terms, parsed. Pure; linear in the length of the text.
#pragma once

#include "sqlgrey/net/address.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::spf {

// A longer record is an error. The longest that are published have about 2,000 bytes; a TXT record may have
// 65,000. It also bounds the number of terms, as the shortest has two bytes.
inline constexpr std::size_t longest_record = 8192;

enum class Qualifier { pass, fail, softfail, neutral };
enum class Mechanism { all, include, a, mx, ptr, ip4, ip6, exists };

struct Term {
    std::string text;  // as in the record
    Qualifier qualifier = Qualifier::pass;
    Mechanism mechanism = Mechanism::all;
    std::string domain{};    // with its macros; empty: the domain of the record
    net::Address address{};  // of ip4 and ip6
    int length4 = 32;        // leading bits that must be the same, of an IPv4 client
    int length6 = 128;       // of an IPv6 client
};

struct Record {
    std::vector<Term> terms;
    std::optional<std::string> redirect{};     // with its macros
    std::optional<std::string> explanation{};  // exp=, with its macros
};

// A record breaks the syntax. what() quotes the term and says what was expected.
class SyntaxError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// True for a TXT record that is an SPF record: "v=spf1", in whatever case, and a space or the end.
bool is_record(std::string_view txt);

// The record of a text for which is_record() is true. Throws SyntaxError.
Record parse_record(std::string_view txt);

}  // namespace sqlgrey::spf
