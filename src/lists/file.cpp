#include "file.hpp"

#include "line.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/unique_fd.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sqlgrey::lists {
namespace {

constexpr std::size_t max_file = std::size_t{256} << 20;
constexpr std::size_t piece = std::size_t{1} << 16;

[[noreturn]] void refuse_size(const std::string& path) {
    throw UnreadableFile(path + ": more than 256 MiB");
}

[[noreturn]] void fail(const std::string& path, int error_number) {
    throw UnreadableFile(base::with_errno(path, error_number));
}

// Without O_NONBLOCK a fifo in the file's place would hold the daemon for ever.
base::unique_fd opened(const std::string& path) {
    return base::unique_fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

// The size that a file says it has is only good for room to begin with: it may grow, and in /proc it is 0.
std::string all_of(const base::unique_fd& fd, const std::string& path, std::size_t expected) {
    std::string text;
    for (std::size_t size = 0;;) {
        if (text.size() - size < piece) text.resize(std::max(size, expected) + piece);
        const ssize_t got = ::read(fd.get(), text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail(path, errno);
        size += static_cast<std::size_t>(got);
        if (size > max_file) refuse_size(path);
        if (got > 0) continue;
        text.resize(size);
        return text;
    }
}

}  // namespace

std::optional<File> read_file(const std::string& path) {
    const base::unique_fd fd = opened(path);
    if (!fd && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
    if (!fd) fail(path, errno);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) fail(path, errno);
    if (!S_ISREG(status.st_mode)) throw UnreadableFile(path + ": not a regular file");
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > max_file) refuse_size(path);
    return File{all_of(fd, path, size), status};
}

ListBuilder::Built list_in(std::string_view text, ListName name, const std::string& path) {
    ListBuilder builder(name, path);
    for_each_line(text, [&](std::string_view line, long long number) { builder.add(line, number); });
    return std::move(builder).build();
}

std::string path_of(const std::string& conf_dir, ListName name) {
    return conf_dir + "/" + std::string(text_of(name));
}

std::string local_path_of(const std::string& conf_dir, ListName name) {
    return path_of(conf_dir, name) + ".local";
}

}  // namespace sqlgrey::lists
