// The text that goes along when a worker hands a connection over to its successor.
//
// A worker that is to end hands each connection over between two requests: the descriptor goes back to the
// master over the channel, and from there to a worker of the current generation. What the client has sent and
// was not read stays in the socket. Two things are not in the socket and go along as a text: what the
// RequestHandler remembers of the connection, and the start of a request whose rest has not come.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sqlgrey::server {

inline constexpr std::size_t longest_begun = 4096;  // bytes; what Postfix sends is below 1 kB

struct HandedOver {
    std::string remembered;  // policy::to_text(ConnectionState)
    std::string begun;       // Parser::begun()
    bool operator==(const HandedOver&) const = default;
};

// Fits a message of base/fd_passing.hpp if `begun` is no longer than longest_begun. Something remembered that
// is longer than policy::longest_state_text is left out.
std::string to_text(const HandedOver& what);
// Any text, for it may come from another version of this program: one that is not understood gives nothing.
HandedOver from_text(std::string_view text);

}  // namespace sqlgrey::server
