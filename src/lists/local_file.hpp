// A ".local" file and the list last read from it. Used by one thread at a time.
#pragma once

#include "log_lines.hpp"
#include "sqlgrey/lists/list.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <sys/stat.h>

namespace sqlgrey::lists {

class LocalFile {
  public:
    LocalFile(ListName name, std::string path) : name_(name), path_(std::move(path)) {}

    // Reads the file if it has changed; returns true if the list has changed. Logs a successful read at level
    // `news`. A file that cannot be read is tried again each time and logged once; the list remains.
    bool refresh(const log::Logger& logger, log::Level news);
    // Null if there is no file.
    const std::shared_ptr<const List>& list() const { return list_; }

  private:
    // Identifies one state of a file. Includes the inode's change time, because the mode may have changed, or
    // a tool may have set the modification time back.
    struct Stamp {
        dev_t device;
        ino_t inode;
        off_t size;
        std::int64_t modified;  // nanoseconds
        std::int64_t changed;
        bool operator==(const Stamp&) const = default;
    };
    static Stamp stamp_of(const struct stat& status);
    std::optional<Stamp> stamp_now() const;
    void read(const log::Logger& logger, log::Level news);
    void log_unreadable(const std::string& why, const log::Logger& logger);

    ListName name_;
    std::string path_;
    std::shared_ptr<const List> list_;
    std::optional<Stamp> stamp_;  // of the file last read
    bool is_read_ = false;        // the file with that stamp could be read
    std::string told_;            // why it could not be read
};

}  // namespace sqlgrey::lists
