// What p0f says about a client: the messages of its API (docs/README of p0f 3.09, "API access"), as pure
// functions. p0f guesses the operating system, the kind of link and the distance of a host from the SYN
// packets that it sees on an interface of this machine.
//
// Answers come from another program over a socket: whatever they contain, the result is short printable text
// or nothing.
#pragma once

#include "sqlgrey/net/address.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::enrich {

inline constexpr std::size_t p0f_question_size = 21;  // bytes
inline constexpr std::size_t p0f_answer_size = 232;   // bytes

// The question about a host.
std::string p0f_question(const net::Address& host);

// What p0f knows about a host; what it does not know is empty. Its guesses are often wrong: Debian's p0f has
// fingerprints of 2016.
struct Fingerprint {
    std::string os{};                        // "Linux 3.11 and newer"
    std::string link{};                      // "Ethernet or modem"
    std::optional<std::int64_t> distance{};  // hops, 0 to 255
    bool operator==(const Fingerprint&) const = default;
};

// Nothing if the bytes are no answer of p0f: it is another program, or one that has lost count. Empty if p0f
// has not seen the host, or did not understand the question. A name with bytes that are not printable ASCII
// is left out.
std::optional<Fingerprint> p0f_answer(std::string_view bytes);

}  // namespace sqlgrey::enrich
