// Logs once that reading or writing the rows in the database fails, and once that it works again.
#pragma once

#include "sqlgrey/lists/live_lists.hpp"

#include <string>

namespace sqlgrey::lists {

// A refusal is logged as an error, because nothing else logs it; an outage only as verbose, because the
// service logs it.
class RowsTrouble {
  public:
    // `what` is the log line of a failure, up to ": " and the reason; `again` is the line when it works
    // again.
    RowsTrouble(std::string what, std::string again) : what_(std::move(what)), again_(std::move(again)) {}

    // `then`: the consequence, after the reason.
    void refused(const std::string& why, const std::string& then, const log::Logger& logger);
    void outage(const std::string& why, const std::string& then, const log::Logger& logger);
    void over(const log::Logger& logger);
    bool is_there() const { return state_ != State::none; }

  private:
    enum class State { none, outage, refused };
    std::string what_;
    std::string again_;
    State state_ = State::none;
};

}  // namespace sqlgrey::lists
