// Checkpoints the WAL of a SQLite file in the background, so that it does not grow without end.
//
// SQLite starts the WAL again from its beginning only when all of it has been copied into the database file
// and nobody reads it. Under load from two processes that never happens: the WAL grew by 100 MB a second. If
// a writer checkpoints, all others wait for the copying and two syncs. So a thread copies and syncs while the
// writers go on, and then makes them wait only for what they have added meanwhile.
//
// With synchronous = full it also syncs the WAL, after a commit has released the write lock, so that others
// wait only for the writing. They may see rows that are not on the disk yet, but the writer does not answer
// before they are. SQLite's own synchronous = full syncs while it holds the lock: from 100 connections 1.24
// times fewer new mails a second (median of 20 pairs of runs, 1.16 to 1.45 in the middle half), p99 15 ms
// instead of 8; from one connection it makes no difference.
#pragma once

#include <memory>
#include <string>

#include <soci/sqlite3/soci-sqlite3.h>

namespace sqlgrey::store {

// One for each connection to the file. If several processes have one, only one at a time checkpoints.
class WalCheckpointer {
  public:
    // Watches the commits of `connection`, which must be closed before this is destroyed, and sets how they
    // wait for the disk. `synchronous` is Target's. With full, a commit whose WAL cannot be synced fails,
    // though its rows may be there.
    WalCheckpointer(sqlite_api::sqlite3* connection, std::string file, std::string synchronous);
    ~WalCheckpointer();
    WalCheckpointer(const WalCheckpointer&) = delete;
    WalCheckpointer& operator=(const WalCheckpointer&) = delete;

    // Why a commit failed here, which SQLite calls a "SQL logic error"; empty if none did.
    std::string reason() const;

  private:
    struct Background;
    static int committed(void* self, sqlite_api::sqlite3* connection, const char* name, int pages);

    bool disk_failed_ = false;
    std::shared_ptr<Background> background_;  // shared with its thread, which may outlive this
};

}  // namespace sqlgrey::store
