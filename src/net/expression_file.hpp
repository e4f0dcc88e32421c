// A file in conf_dir that holds one regular expression: the last line that says something, no comments.
#pragma once

#include "sqlgrey/net/pattern.hpp"

#include <optional>
#include <string>

namespace sqlgrey::net {

struct ExpressionFile {
    std::optional<Pattern> pattern;  // nothing: the file is empty
    std::string warning;             // that it has more lines than count; else empty
};

// Letter case does not matter in the expression. Throws base::FileError, whose what() is the sentence for the
// log.
ExpressionFile read_expression(const std::string& path);

}  // namespace sqlgrey::net
