// The texts of the messages between a daemon and its successor (process/replace.hpp). An older or newer
// sqlgrey may send them, so each begins with its kind, and what is not understood is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::process::replace {

// "sqlgrey replace 1", and the version of the texts of connections that the successor reads.
struct Hello {
    std::string connection_format;
};
std::string to_text(const Hello& hello);
// Nothing if it is of another version.
std::optional<Hello> hello(std::string_view text);

// What a successor has to know of the process that it replaces.
struct Welcome {
    std::string notify_socket;  // $NOTIFY_SOCKET
    std::string cgroup;         // /proc/self/cgroup
};
std::string to_text(const Welcome& welcome);
std::optional<Welcome> welcome(std::string_view text);

// One sentence for the administrator.
std::string refusal(std::string_view reason);
std::optional<std::string> reason_of_refusal(std::string_view text);

inline constexpr std::string_view that_is_all = "all";  // after the descriptors
inline constexpr std::string_view ready = "ready";
inline constexpr std::string_view go = "go";

std::string own_cgroup();

}  // namespace sqlgrey::process::replace
