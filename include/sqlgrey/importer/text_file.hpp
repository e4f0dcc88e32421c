// Reads a file as text in bounded memory, and decompresses gzip (all members). Any bytes are accepted; a
// small file that decompresses to terabytes only costs time.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"

#include <istream>
#include <memory>
#include <string>
#include <string_view>

namespace sqlgrey::importer {

class TextFile {
  public:
    // Reads nothing yet. `file` must be open for reading.
    explicit TextFile(base::unique_fd file);
    ~TextFile();

    // Ends at the end of the file, at damage, or at once if it is not_text().
    std::istream& text() { return text_; }

    // Known once text() is at its end.
    //   Why text() ended before the file did, as half a sentence; empty if it did not.
    const std::string& problem() const;
    //   For a file that is not text, by its first bytes: what it is, and the command that converts it to
    //   text.
    struct NotText {
        std::string_view what, command;
    };
    const NotText* not_text() const;
    //   It has no bytes.
    bool empty() const;

  private:
    class Buffer;
    std::unique_ptr<Buffer> buffer_;
    std::istream text_;
};

}  // namespace sqlgrey::importer
