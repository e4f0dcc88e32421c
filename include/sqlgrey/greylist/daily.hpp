// The daily statistics: what daemons count on a day, and where that is kept.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sqlgrey::greylist {

// What a daemon has counted on a day. A daemon counts each day anew, under another `run`; one that is started
// again, too. So no two daemons write the same row, and the counts of a day are the sum over hosts and runs.
struct DailyCounts {
    struct Count {
        std::string name;  // of a verdict, or see daily_names
        std::int64_t count = 0;
    };
    struct Delay {
        std::int64_t up_to = 0;  // seconds from the first attempt to the retry that passed; 0: more than all
        std::int64_t count = 0;
    };
    std::string day;       // "2026-11-27", by the daemon's local time
    std::int64_t run = 0;  // when the counting began, in microseconds since 1970
    std::vector<Count> counts{};
    std::vector<Delay> delays{};
};

// Names of counts besides those of verdicts.
namespace daily_names {
inline constexpr const char* never_retried = "never_retried";            // first attempts
inline constexpr const char* passed_by_policy = "passed_by_policy";      // requests, by on_db_failure
inline constexpr const char* deferred_by_policy = "deferred_by_policy";  // the same
// Followed by the name of a table: the most rows that it had when they were counted. These are not summed.
inline constexpr const char* rows = "rows:";
}  // namespace daily_names

// For one thread. Throws greylist::StoreFailure.
class DailyTables {
  public:
    virtual ~DailyTables() = default;

    // Writes them in one transaction. Of a row that is there the greater count stays, so writing again
    // changes nothing, in whatever order.
    virtual void put(const std::string& host, std::span<const DailyCounts> all) = 0;
    // Deletes the rows of the oldest day before this one; false: there is none.
    virtual bool forget_oldest(const std::string& before_day) = 0;
};

}  // namespace sqlgrey::greylist
