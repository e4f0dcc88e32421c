// Keeps the log of changes of a SQLite file (its WAL) from growing without end.
//
// The log begins anew only when all of it has been copied into the file and nobody reads it, and under load
// from two processes that never comes by itself: it grew by 100 MB a second. A writer that sees to it holds
// up all others for as long as copying and two syncs take. So a thread of its own copies and syncs while the
// writers go on, and makes them wait only for the little they have added meanwhile.
//
// And makes the log durable, where the admin wants that, after a commit has let go of the write lock: what
// others wait for then is the writing alone. They may see rows that the disk does not have yet; whoever
// changed them answers only after it has.
#pragma once

#include <memory>
#include <string>

#include <soci/sqlite3/soci-sqlite3.h>

namespace sqlgrey::store {

// For one connection to the file. Several, of several processes, may each have one: one of them copies at a
// time.
class WalCheckpointer {
  public:
    // Watches the commits of `connection`, which must be closed before this goes, and settles how they wait
    // for the disk. `synchronous`: as Target's. With full a commit whose log cannot be made durable fails,
    // though its rows may be there.
    WalCheckpointer(sqlite_api::sqlite3* connection, std::string file, std::string synchronous);
    ~WalCheckpointer();
    WalCheckpointer(const WalCheckpointer&) = delete;
    WalCheckpointer& operator=(const WalCheckpointer&) = delete;

    // SQLite calls a commit that fails here a "SQL logic error".
    std::string reason() const;

  private:
    struct Background;
    static int committed(void* log, sqlite_api::sqlite3* connection, const char* name, int pages);

    bool disk_failed_ = false;
    std::shared_ptr<Background> background_;  // with its thread, which a disk may hold up
};

}  // namespace sqlgrey::store
