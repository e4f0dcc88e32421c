// Reading and writing all of something.
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sys/stat.h>

namespace sqlgrey::base {

// A file that is there and cannot be used; what() begins with its path.
class FileError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct File {
    std::string text;
    struct stat status;  // from before it was read, so what changes meanwhile shows in the next one
};

// All of a regular file of at most `most` bytes; nothing if there is no file of that name. Does not wait for
// what stands in its place, a FIFO say. Throws FileError.
std::optional<File> read_regular_file(const std::string& path, std::size_t most);

// All that comes from the descriptor until its end, at most `most` bytes; `expected` is how many to make room
// for. Nothing, and errno, if it cannot be read; EFBIG if it is more.
std::optional<std::string> read_all(int fd, std::size_t most, std::size_t expected = 0);

// Writes all of it, and waits where the descriptor does not block. False, and errno, if it cannot.
bool write_all(int fd, std::string_view bytes);

}  // namespace sqlgrey::base
