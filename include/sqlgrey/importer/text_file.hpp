// A file read as text in bounded memory. What gzip has packed is unpacked while it is read, all members of
// it; a file of any bytes, and a few bytes that unpack to terabytes, only cost time.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"

#include <istream>
#include <memory>
#include <string>
#include <string_view>

namespace sqlgrey::importer {

class TextFile {
  public:
    // Reads nothing yet. `file`: open for reading.
    explicit TextFile(base::unique_fd file);
    ~TextFile();

    // Ends where the file ends, where it is damaged, or at once if it is not_text().
    std::istream& text() { return text_; }

    // These are known once text() is at its end.
    //   Why text() ended before the file did, as half a sentence for the admin; empty if it did not.
    const std::string& problem() const;
    //   A file in which no text can be found, by its first bytes: what it is, and the command that makes text
    //   of it.
    struct NotText {
        std::string_view what, command;
    };
    const NotText* not_text() const;
    //   It holds no byte.
    bool empty() const;

  private:
    class Buffer;
    std::unique_ptr<Buffer> buffer_;
    std::istream text_;
};

}  // namespace sqlgrey::importer
