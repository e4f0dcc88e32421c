// One ".local" file and what was read from it last.
#pragma once

#include "log_lines.hpp"
#include "sqlgrey/lists/list.hpp"

#include <memory>
#include <optional>
#include <string>

#include <sys/stat.h>

namespace sqlgrey::lists {

class LocalFile {
  public:
    LocalFile(ListName name, std::string path) : name_(name), path_(std::move(path)) {}

    // Reads the file if it has changed: true if the list has. What was read is logged at level `news`. A file
    // that cannot be read is tried again each time and logged once; the list stays.
    bool refresh(const log::Logger& logger, log::Level news);
    // Null if there is no file.
    const std::shared_ptr<const List>& list() const { return list_; }

  private:
    // Distinguishes one state of a file from the next. The time of the inode's change too: a mode may have
    // changed, or a tool have set the time of the contents back.
    struct Stamp {
        dev_t device;
        ino_t inode;
        off_t size;
        long long modified;  // nanoseconds
        long long changed;
        bool operator==(const Stamp&) const = default;
    };
    static Stamp stamp_of(const struct stat& status);
    std::optional<Stamp> stamp_now() const;
    void read(const log::Logger& logger, log::Level news);
    void log_unreadable(const std::string& why, const log::Logger& logger);

    ListName name_;
    std::string path_;
    std::shared_ptr<const List> list_;
    std::optional<Stamp> stamp_;  // of what was read last
    bool is_read_ = false;        // what the stamp says
    std::string told_;            // why it could not be read
};

}  // namespace sqlgrey::lists
