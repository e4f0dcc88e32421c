// Lines: the kind and version, then what belongs to it.
#include "replace_messages.hpp"

#include "sqlgrey/base/file.hpp"
#include "sqlgrey/base/unique_fd.hpp"

#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace sqlgrey::process::replace {

namespace {

constexpr std::string_view kind_of_hello = "sqlgrey replace 1\n";
constexpr std::string_view kind_of_welcome = "welcome 1\n";
constexpr std::string_view kind_of_refusal = "refused: ";
constexpr std::size_t longest_cgroup = 4096;

std::optional<std::string> after(std::string_view kind, std::string_view text) {
    if (!text.starts_with(kind)) return std::nullopt;
    return std::string(text.substr(kind.size()));
}

}  // namespace

std::string to_text(const Hello& hello) {
    return std::string(kind_of_hello) + hello.connection_format;
}

std::optional<Hello> hello(std::string_view text) {
    auto format = after(kind_of_hello, text);
    if (!format) return std::nullopt;
    return Hello{std::move(*format)};
}

std::string to_text(const Welcome& welcome) {
    return std::string(kind_of_welcome) + welcome.notify_socket + '\n' + welcome.cgroup;
}

std::optional<Welcome> welcome(std::string_view text) {
    const auto lines = after(kind_of_welcome, text);
    const auto end = lines ? lines->find('\n') : std::string::npos;
    if (end == std::string::npos) return std::nullopt;
    return Welcome{lines->substr(0, end), lines->substr(end + 1)};
}

std::string refusal(std::string_view reason) {
    return std::string(kind_of_refusal) + std::string(reason);
}

std::optional<std::string> reason_of_refusal(std::string_view text) {
    return after(kind_of_refusal, text);
}

std::string own_cgroup() {
    const base::unique_fd file{::open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC)};
    return file ? base::read_all(file.get(), longest_cgroup).value_or("") : "";
}

}  // namespace sqlgrey::process::replace
