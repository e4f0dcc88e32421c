// A file of the source tree compiled into the program (embed_text() in src/cmake/EmbedText.cmake).
#pragma once

#include <string_view>

namespace sqlgrey::base {

struct EmbeddedFile {
    std::string_view name;  // its path from the top of the source tree: "conf/man/sqlgrey.8"
    std::string_view text;  // its bytes, unchanged; valid for the life of the program
};

}  // namespace sqlgrey::base
