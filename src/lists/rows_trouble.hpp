// Tells once that something about the rows of the database does not work, and when it works again.
#pragma once

#include "sqlgrey/lists/live_lists.hpp"

#include <string>

namespace sqlgrey::lists {

// A refusal of the database is logged as an error, because nothing else logs it. An outage is logged as
// verbose, because the service logs it already.
class RowsTrouble {
  public:
    // `what`: what does not work, in front of ": " and why. `again`: what is said when it does.
    RowsTrouble(std::string what, std::string again) : what_(std::move(what)), again_(std::move(again)) {}

    // `then`: what that means, behind the reason.
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
