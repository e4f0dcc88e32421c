// Reading a list's file, whatever stands in its place.
#pragma once

#include "sqlgrey/lists/list.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sys/stat.h>

namespace sqlgrey::lists {

// The file is there and cannot be read; what() is a sentence with its path.
class UnreadableFile : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct File {
    std::string text;
    struct stat status;  // from before it was read, so what changes meanwhile shows in the next one
};

// All of the file, or nothing if there is none. Throws UnreadableFile, for a file of more than 256 MiB too.
std::optional<File> read_file(const std::string& path);

// The list in the text of a file with that path.
ListBuilder::Built list_in(std::string_view text, ListName name, const std::string& path);

std::string path_of(const std::string& conf_dir, ListName name);
std::string local_path_of(const std::string& conf_dir, ListName name);

}  // namespace sqlgrey::lists
