// Reading and writing whole files and descriptors.
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sys/stat.h>

namespace sqlgrey::base {

// A file that exists but cannot be used; what() begins with its path.
class FileError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// A file as it was read.
struct File {
    std::string text;
    struct stat status;  // taken before reading, so a change during it shows the next time
};

// The whole of a regular file of at most `most` bytes; nothing if there is none of that name. Does not block
// on a FIFO of that name. Throws FileError.
std::optional<File> read_regular_file(const std::string& path, std::size_t most);

// Reads until the end, at most `most` bytes; `expected` is how many to reserve. Nothing, with errno, on an
// error; EFBIG if there is more.
std::optional<std::string> read_all(int fd, std::size_t most, std::size_t expected = 0);

// Writes a whole file, so that nobody reads a part of it: a new file beside it takes its name once it is on
// the disk. A file that exists keeps its permissions, its group and, as far as we may, its owner; a new one
// gets `mode`. Throws FileError if something else than a regular file has that name (of a symbolic link
// another user may have chosen where it leads), or if the file cannot be written; then what was there before
// remains.
void replace_file(const std::string& path, std::string_view text, mode_t mode);

// Writes everything; waits if the descriptor is non-blocking. False, with errno, on an error.
bool write_all(int fd, std::string_view bytes);

}  // namespace sqlgrey::base
