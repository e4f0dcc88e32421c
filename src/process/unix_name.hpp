// The address of a Unix socket (unix(7)).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <sys/socket.h>
#include <sys/un.h>

namespace sqlgrey::process {

struct UnixName {
    sockaddr_un name{};
    socklen_t size = 0;
    const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&name); }
    socklen_t length() const { return size; }
};

// A path; with @ in front a name in the abstract namespace. Nothing if it is empty or too long.
inline std::optional<UnixName> unix_name(std::string_view path) {
    UnixName made;
    if (path.empty() || path.size() >= sizeof made.name.sun_path) return std::nullopt;
    made.name.sun_family = AF_UNIX;
    path.copy(made.name.sun_path, path.size());
    if (path.front() == '@') made.name.sun_path[0] = '\0';
    made.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    return made;
}

}  // namespace sqlgrey::process
