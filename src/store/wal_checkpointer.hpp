// Checkpoints the WAL of a SQLite file in the background, so that it does not grow without end.
//
// SQLite starts the WAL anew only when all of it is in the database file and nobody reads it, which under
// load from two processes never comes by itself: it grew by 100 MB a second. A writer that checkpoints holds
// up all others for as long as copying and two syncs take. So a thread copies and syncs while the writers go
// on, and makes them wait only for the little they have added meanwhile.
//
// With synchronous = full it also syncs the WAL, after a commit has let go of the write lock, so that others
// wait for the writing alone. They may see rows that the disk does not have yet; the writer answers only when
// it has. SQLite's own synchronous = full syncs while it holds the lock: from 100 connections 1.24 times
// fewer new mails a second (median of 20 pairs of runs, 1.16 to 1.45 in the middle half), p99 15 ms instead
// of 8; from one connection it makes no difference.
#pragma once

#include <memory>
#include <string>

#include <soci/sqlite3/soci-sqlite3.h>

namespace sqlgrey::store {

// For one connection to the file. Several, of several processes, may each have one: one of them checkpoints
// at a time.
class WalCheckpointer {
  public:
    // Watches the commits of `connection`, which must be closed before this goes, and sets how they wait
    // for the disk. `synchronous`: as Target's. With full a commit whose WAL cannot be made durable fails,
    // though its rows may be there.
    WalCheckpointer(sqlite_api::sqlite3* connection, std::string file, std::string synchronous);
    ~WalCheckpointer();
    WalCheckpointer(const WalCheckpointer&) = delete;
    WalCheckpointer& operator=(const WalCheckpointer&) = delete;

    // SQLite calls a commit that fails here a "SQL logic error".
    std::string reason() const;

  private:
    struct Background;
    static int committed(void* self, sqlite_api::sqlite3* connection, const char* name, int pages);

    bool disk_failed_ = false;
    std::shared_ptr<Background> background_;  // with its thread, which a disk may hold up
};

}  // namespace sqlgrey::store
