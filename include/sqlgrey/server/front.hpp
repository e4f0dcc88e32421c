// The kinds of clients that a daemon serves.
#pragma once

#include <string>

namespace sqlgrey::server {

// What the clients of a listening socket speak: Postfix's policy protocol, or the milter protocol.
enum class Front { policy, milter };

// The text that a worker gets along with a new connection of that kind.
std::string text_of_new_connection(Front front);

}  // namespace sqlgrey::server
