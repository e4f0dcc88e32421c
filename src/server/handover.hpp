// The text that goes with a connection from a worker to its successor.
//
// A worker that ends hands each connection over between two requests: it sends the descriptor back over the
// channel to the master, which passes it to a worker of the current generation. Bytes not yet read stay in
// the socket. Two things are in the text: what the RequestHandler remembers of the connection, and the start
// of a request that is not complete.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sqlgrey::server {

inline constexpr std::size_t longest_begun = 4096;  // bytes; a request of Postfix has less than 1 kB

struct HandedOver {
    std::string remembered;  // policy::to_text(ConnectionState)
    std::string begun;       // Parser::begun()
    bool operator==(const HandedOver&) const = default;
};

// Fits a message of base/fd_passing.hpp if `begun` is at most longest_begun long. `remembered` is left out if
// it is longer than policy::longest_state_text.
std::string to_text(const HandedOver& what);
// Accepts any text, because it may come from another version of this program: one that is not understood
// gives an empty value.
HandedOver from_text(std::string_view text);

}  // namespace sqlgrey::server
