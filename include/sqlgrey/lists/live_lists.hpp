// Keeps a worker's lists up to date: the ".local" files and the rows of the database.
//
// Its own thread (all signals blocked) checks the files every second and reads those that have changed. It
// reads the rows every three seconds; if reading takes longer than 150 ms, it waits twenty times as long as
// it took. When anything has changed, it publishes a new snapshot. So a change takes effect within one to
// three seconds, and no request waits for it. Constructed in a worker, after the fork.
//
// If a read fails, the entries read before remain in effect: those of a file that has become unreadable, and
// rows while the database is unavailable. The entries of a deleted file are removed.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/log/logger.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace sqlgrey::lists {

struct Row {
    std::int64_t id = 0;
    std::string list;   // the name of a list: "blacklist_clients"
    std::string entry;  // in any form that the list accepts
};

struct HitCount {
    std::int64_t id = 0;
    std::int64_t hits = 0;
};

// The database answers, but the table cannot be read or written: the table, a column or a right is missing.
// That lasts until an administrator acts; what() names the fault and what to do.
class RowsRefused : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// The lists in the database. Only the thread of LiveLists calls it. Each call must return within a bounded
// time, because the destructor of LiveLists waits for it.
class Rows {
  public:
    virtual ~Rows() = default;
    // Returns all rows, always in the same order. Throws RowsRefused; any other std::runtime_error is an
    // outage.
    virtual std::vector<Row> read() = 0;
    // Adds to the hits of rows, some of which may no longer exist. Throws like read(); the caller passes the
    // same hits again later. Called with a row that does not exist, it shows whether hits can be written.
    virtual void count(std::span<const HitCount> hits) = 0;
    // May be called from another thread: makes a call that waits for a server fail soon.
    virtual void interrupt() noexcept {}
};

struct Pace {
    base::Milliseconds files{1000};  // between two checks
    base::Milliseconds rows{3000};   // between two reads, at least
};

// The lists as a worker that has just read everything would have them: `statics`, the ".local" files and,
// unless `rows` is null, the rows. Reads once, in the caller's thread, and logs as LiveLists does.
std::shared_ptr<const Lists> read_lists_once(const std::shared_ptr<const Lists>& statics,
                                             const std::string& conf_dir, Rows* rows,
                                             const log::Logger& logger);

// Called with each snapshot when it is published: first by the constructor, then by the thread. Must not
// throw.
using OnPublish = std::function<void(const Lists&)>;

class LiveLists {
  public:
    // `statics` is what load_lists() returned. `rows` is null if there are no lists in the database. The
    // ".local" files are read before the constructor returns, so the first request sees them; rows come with
    // the first snapshot of the thread. Logs in category conf each file that was read, its number of entries
    // and its problems. Also logs, once each, that the database refuses to read rows or write hits
    // (RowsRefused), and that it no longer does. An outage is logged as verbose in category dbaccess, because
    // the service reports it. The logger must outlive this object. Throws std::system_error if no thread can
    // be started.
    LiveLists(std::shared_ptr<const Lists> statics, const std::string& conf_dir, std::unique_ptr<Rows> rows,
              const log::Logger& logger, Pace pace = {}, OnPublish on_publish = {});
    // Writes the last hits. Waits for a running call of Rows, which is interrupted after a second, then for a
    // last count().
    ~LiveLists();
    LiveLists(const LiveLists&) = delete;
    LiveLists& operator=(const LiveLists&) = delete;

    // The lists as they are now; never null. Any thread may call it, and it never waits for a read.
    std::shared_ptr<const Lists> now() const;

    // Counts that the row with that id (EntryRef::line) has decided a request. Any thread may call it; the
    // count is written after the next read.
    void hit(std::int64_t row_id);

  private:
    class Refresher;
    std::unique_ptr<Refresher> refresher_;
};

}  // namespace sqlgrey::lists
