// Time as a value that a test can move by hand.
//
// All times inside sqlgrey are whole seconds since 1970 (UTC), as the SQLite tables of
// SQLgrey 1.8 hold them. What has to know the time gets a Clock passed in.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace sqlgrey::base {

using Seconds = std::chrono::seconds;
using Milliseconds = std::chrono::milliseconds;
using Time = std::chrono::sys_seconds;

// A point in time from seconds since 1970.
constexpr Time at(std::int64_t seconds_since_1970) {
    return Time{Seconds{seconds_since_1970}};
}

// Seconds since 1970, as bound to SQL.
constexpr std::int64_t epoch(Time t) {
    return t.time_since_epoch().count();
}

// "HH:MM:SS"; hours grow beyond two digits when they must; negative durations are shown as 00:00:00.
std::string hh_mm_ss(Seconds duration);

// The clock on the wall. Implementations may be read from several threads at once.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
};

class SystemClock final : public Clock {
  public:
    Time now() const override;
};

// Stands still until a test moves it.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(Time start) : seconds_(epoch(start)) {}
    Time now() const override { return at(seconds_); }
    void advance(Seconds by) { seconds_ += by.count(); }

  private:
    std::atomic<std::int64_t> seconds_;
};

}  // namespace sqlgrey::base
