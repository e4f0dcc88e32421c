// Reads the file of a list. The path may name anything, for example a device.
#pragma once

#include "sqlgrey/base/file.hpp"
#include "sqlgrey/lists/list.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::lists {

// The whole file, or nothing if there is none. Throws base::FileError, also for a file of more than 256 MiB.
std::optional<base::File> read_file(const std::string& path);

// Parses the text of a file; the path is for messages.
ListBuilder::Built list_in(std::string_view text, ListName name, const std::string& path);

// CONF_DIR/NAME, and CONF_DIR/NAME.local.
std::string path_of(const std::string& conf_dir, ListName name);
std::string local_path_of(const std::string& conf_dir, ListName name);

}  // namespace sqlgrey::lists
