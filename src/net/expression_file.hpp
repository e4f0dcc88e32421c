// A file in conf_dir with one regular expression: its last line that is not blank. No comments.
#pragma once

#include "sqlgrey/net/pattern.hpp"

#include <optional>
#include <string>

namespace sqlgrey::net {

struct ExpressionFile {
    std::optional<Pattern> pattern;  // nothing if the file is empty
    std::string warning;             // that it has more than one line; otherwise empty
};

// The expression ignores letter case. Throws base::FileError; its what() is a sentence for the log.
ExpressionFile read_expression(const std::string& path);

}  // namespace sqlgrey::net
