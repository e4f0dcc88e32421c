// Time as a value, and clocks that a test can set.
//
// All times are whole seconds since 1970 (UTC), as in the SQLite tables of SQLgrey 1.8. Code that needs the
// time gets a Clock as an argument.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace sqlgrey::base {

using Seconds = std::chrono::seconds;
using Milliseconds = std::chrono::milliseconds;
using Time = std::chrono::sys_seconds;

// The time so many seconds after 1970.
constexpr Time at(std::int64_t seconds_since_1970) {
    return Time{Seconds{seconds_since_1970}};
}

// Seconds since 1970, to bind in SQL.
constexpr std::int64_t epoch(Time t) {
    return t.time_since_epoch().count();
}

// "HH:MM:SS", with more digits for hours if needed; negative durations give "00:00:00".
std::string hh_mm_ss(Seconds duration);

// "2026-11-27T10:12:33Z" (RFC 3339, UTC).
std::string rfc3339(Time time);

// The date by local time (TZ, /etc/localtime), and as text: "2026-11-27".
std::chrono::sys_days local_date(Time time);
std::string iso_date(std::chrono::sys_days day);

// The wall clock. Implementations are thread-safe.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
  public:
    Time now() const override;
};

// Stands still until a test sets it.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(Time start) : seconds_(epoch(start)) {}
    Time now() const override { return at(seconds_); }
    void advance(Seconds by) { seconds_ += by.count(); }

  private:
    std::atomic<std::int64_t> seconds_;
};

}  // namespace sqlgrey::base
