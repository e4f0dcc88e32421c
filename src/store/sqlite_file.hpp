// Which file the sessions of a SQLite database have open, and whether it still is the one under the
// configured name.
//
// SQLite knows a database by its name: a -wal that a moved file left behind would be applied to, or deleted
// beside, the file that takes its place. So whoever opens a file first moves such files aside; whoever has
// the old one open copies the rest of its WAL into it before closing. Openers take turns by a lock on the
// directory (flock(2)).
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/store/sql_store.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include <soci/sqlite3/soci-sqlite3.h>

namespace sqlgrey::store {

// The three files of a database, by device and inode; 0: there is none.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t database = 0;
    std::uint64_t wal = 0;
    std::uint64_t shm = 0;
    bool operator==(const FileIdentity&) const = default;
};
FileIdentity identity_of(const std::string& path);

// The turn to open or to rename, while the object lives. Without one, after `limit`, things go on as well: a
// directory that cannot be locked must not keep the database closed.
class FileTurn {
  public:
    FileTurn(const std::string& path, base::Milliseconds limit);

  private:
    base::unique_fd directory_;
};

// In one's turn, before the file is opened: gives the -wal and -shm of another database that lie there other
// names. `known`: the files that this daemon used last, if any.
void move_leftovers_aside(const std::string& path, const std::optional<FileIdentity>& known);

// Before a session on files that are no longer those under the name is closed: copies what is in its WAL into
// the database, wherever that lies now. What is then empty is removed.
void save_moved_database(sqlite_api::sqlite3* connection, const std::string& path,
                         const FileIdentity& opened);

// In one's turn: renames all three to "<path>.damaged-<UTC time>"; gives that name, or nothing if it cannot.
std::optional<std::string> set_aside(const std::string& path);

// The record that all processes of a daemon share. Each call is safe in all of them at once.
std::optional<FileIdentity> known_files(const SqliteFileRecord* record, const std::string& path);
void note_files(SqliteFileRecord* record, const std::string& path, const FileIdentity& files);
// True for one caller, if the files noted last are others than those reported last.
bool replacement_is_due(SqliteFileRecord* record);
// The admin knows: the replacement that follows was reported in other words.
void note_reported(SqliteFileRecord* record);

}  // namespace sqlgrey::store
