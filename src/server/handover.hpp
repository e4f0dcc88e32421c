// The text that goes with a connection from a worker to its successor.
//
// A worker that ends hands each connection over between two requests: it sends the descriptor back over the
// channel to the master, which passes it to a worker of the current generation. Bytes not yet read stay in
// the socket. Three things are in the text: which kind of client it is, what the RequestHandler remembers of
// the connection, and what its codec needs to go on: the start of a request that is not complete, and of a
// mail server what it has said about its client and message. So a milter connection is handed over in the
// middle of a message too.
//
// A connection that the master has accepted comes with such a text as well (text_of_new_connection()).
#pragma once

#include "sqlgrey/server/front.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sqlgrey::server {

// Bytes. A request of Postfix has less than 1 kB, and what it says to a milter less than 3 kB.
inline constexpr std::size_t longest_begun = 4096;

struct HandedOver {
    Front front = Front::policy;
    std::string remembered;  // policy::to_text(ConnectionState)
    std::string begun;       // Codec::begun()
    bool operator==(const HandedOver&) const = default;
};

// Fits a message of base/fd_passing.hpp if `begun` is at most longest_begun long. `remembered` is left out if
// it is longer than policy::longest_state_text.
std::string to_text(const HandedOver& what);
// Accepts any text, because it may come from another version of this program: one that is not understood
// gives an empty value.
HandedOver from_text(std::string_view text);

}  // namespace sqlgrey::server
