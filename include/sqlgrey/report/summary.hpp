// What the numbers say in words: percentiles of waits, and the sentence with which a report begins.
#pragma once

#include "sqlgrey/report/figures.hpp"

#include <optional>
#include <string>

namespace sqlgrey::report {

struct Wait {
    base::Seconds time{};
    bool is_more = false;     // it lies beyond the last bucket, which ends at `time`
    bool is_at_most = false;  // it lies in the first bucket, which ends at `time`
    bool operator==(const Wait&) const = default;
};
// The wait that `share` of the mails (0 to 1) did not exceed, interpolated within its bucket, except in
// the first: where in it mails begin to pass is up to reconnect_delay. Nothing without mails.
std::optional<Wait> percentile(const Waits& waits, double share);

// The buckets from the first to the last that has mails, each with its lower limit.
struct WaitRange {
    base::Seconds more_than{};
    base::Seconds up_to{};  // 0: no limit
    std::int64_t mails = 0;
    bool operator==(const WaitRange&) const = default;
};
std::vector<WaitRange> wait_ranges(const Waits& waits);

// True if the statistics have only just begun, so that the first attempts of their first day may still be
// retried: those that came back are known, and of those that never do the first ones at most.
bool is_too_early(const Figures& figures);

// The verdict of the whole period, in one or two sentences; what it does not know yet it says.
std::string sentence(const Figures& figures);

}  // namespace sqlgrey::report
