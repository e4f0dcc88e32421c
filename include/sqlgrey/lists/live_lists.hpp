// Keeps a worker's lists fresh: the ".local" files and the rows of the database.
//
// A thread of its own (all signals blocked) looks at the files once a second and reads what has changed,
// reads the rows every three seconds or, if that takes long, after twenty times as long as it took, and
// publishes a new snapshot when anything is different. So a change is in force within a second or three, and
// no request waits for it. Made in a worker, after the fork.
//
// A failed reading keeps what was read before: entries of a file that has become unreadable,
// and rows when the database is unavailable, stay in force. A file that is gone is gone.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/log/logger.hpp"

#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace sqlgrey::lists {

struct Row {
    long long id = 0;
    std::string list;   // a list's name: "blacklist_clients"
    std::string entry;  // in any form that list takes
};

struct HitCount {
    long long id = 0;
    long long hits = 0;
};

// The database answers, and does not let the table be read or written: it is missing, or a right or a column
// is. That lasts until somebody acts; what() says what is wrong and what to do.
class RowsRefused : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// The lists in the database. Called by the thread of LiveLists only, one call at a time. Each call must come
// back within a bounded time, for the destructor of LiveLists waits for it.
class Rows {
  public:
    virtual ~Rows() = default;
    // All rows, in the same order each time. Throws RowsRefused; any other std::runtime_error is an outage.
    virtual std::vector<Row> read() = 0;
    // Adds to the hits of rows; some of them may be gone. Throws as read() does: then all of them are given
    // again later. With a row that does not exist it shows whether hits can be written.
    virtual void count(std::span<const HitCount> hits) = 0;
    // From another thread: a call that waits for a server fails soon.
    virtual void interrupt() noexcept {}
};

struct Pace {
    base::Milliseconds files{1000};  // from look to look
    base::Milliseconds rows{3000};   // from reading to reading, at least
};

// The lists as a worker that has just read everything would have them: `statics`, the ".local" files and,
// unless `rows` is null, the rows. Reads once, in the caller's thread, and logs as LiveLists does.
std::shared_ptr<const Lists> read_lists_once(const std::shared_ptr<const Lists>& statics,
                                             const std::string& conf_dir, Rows* rows,
                                             const log::Logger& logger);

class LiveLists {
  public:
    // `statics` from load_lists(). Reads the ".local" files before it returns, so the first request sees
    // them, but no rows: those come with the first snapshot of the thread. `rows` may be null: no lists in
    // the database. Logs (category conf) what was read again, how many entries it holds and what is wrong
    // with it, and when the database refuses (RowsRefused) to have rows read or hits written, once, and when
    // it does no more; an outage, which is told elsewhere, as verbose in category dbaccess. The logger must
    // outlive it. Throws std::system_error if there is no thread to be had.
    LiveLists(std::shared_ptr<const Lists> statics, const std::string& conf_dir, std::unique_ptr<Rows> rows,
              const log::Logger& logger, Pace pace = {});
    // Hands over the last hits. Waits for a call into Rows to come back, which is interrupted after a second,
    // then for one last count().
    ~LiveLists();
    LiveLists(const LiveLists&) = delete;
    LiveLists& operator=(const LiveLists&) = delete;

    // The lists as they are now, never null. Any thread; never waits for anything to be read.
    std::shared_ptr<const Lists> now() const;

    // The row with that id (EntryRef::line) has decided a request. Any thread, cheap; written after the next
    // reading.
    void hit(long long row_id);

  private:
    class Refresher;
    std::unique_ptr<Refresher> refresher_;
};

}  // namespace sqlgrey::lists
