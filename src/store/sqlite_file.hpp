// Which file the sessions of a SQLite database have open, and whether it is still the one with the configured
// name.
//
// SQLite finds a -wal by the name of the database. If a database is moved and its -wal left behind, SQLite
// would apply that to the file that takes its place, or delete it. So a session that opens a file renames
// such leftovers first, and a session that still has the moved database open copies the rest of the WAL into
// it before it closes. Processes take turns at opening, by flock(2) on the directory.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/store/target.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include <soci/sqlite3/soci-sqlite3.h>

namespace sqlgrey::store {

// The three files of a database by device and inode; 0 if there is none.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t database = 0;
    std::uint64_t wal = 0;
    std::uint64_t shm = 0;
    bool operator==(const FileIdentity&) const = default;
};
FileIdentity identity_of(const std::string& path);

// The turn to open or rename files, held until the destructor. After `limit` the constructor returns without
// it: a directory that cannot be locked must not keep the database from being opened.
class FileTurn {
  public:
    FileTurn(const std::string& path, base::Milliseconds limit);

  private:
    base::unique_fd directory_;
};

// Call it with the turn, before opening the file: renames a -wal and -shm that belong to another database.
// `known`: the files that this daemon used last, if any.
void move_leftovers_aside(const std::string& path, const std::optional<FileIdentity>& known);

// Call it before closing a session whose database has been moved: copies the WAL into the database, wherever
// that is now, and removes the -wal and -shm, which then hold nothing.
void save_moved_database(sqlite_api::sqlite3* connection, const std::string& path,
                         const FileIdentity& opened);

// Call it with the turn: renames all three files, the database to "<path>.damaged-<UTC time>", and returns
// that name, or nothing if it cannot.
std::optional<std::string> set_aside(const std::string& path);

// The record that all processes of a daemon share; they may call these functions at the same time.
std::optional<FileIdentity> known_files(const SqliteFileRecord* record, const std::string& path);
void note_files(SqliteFileRecord* record, const std::string& path, const FileIdentity& files);
// True, for one caller only, if the database noted last is not the one reported last.
bool replacement_is_due(SqliteFileRecord* record);
// The next replacement is not reported, because the log has it already.
void note_reported(SqliteFileRecord* record);

}  // namespace sqlgrey::store
