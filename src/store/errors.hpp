// Database errors as they leave this module: greylist::StoreUnavailable or greylist::StoreError, with one
// line for the administrator.
#pragma once

#include "driver.hpp"
#include "sqlgrey/greylist/store.hpp"

#include <string>
#include <string_view>

namespace sqlgrey::store {

// Another transaction holds a lock that a statement needs. The session can still be used.
class Locked : public greylist::StoreUnavailable {
  public:
    using StoreUnavailable::StoreUnavailable;
};

// What failed, for the message.
struct Failed {
    ErrorClass error;
    std::string words;      // the database's message
    std::string statement;  // its name; empty if connecting failed
    std::string done;       // what sqlgrey has done about it; empty if the administrator must act
};

// Throws StoreUnavailable or StoreError: which database, what is wrong and, for a StoreError, what to do.
[[noreturn]] void throw_failure(const Failed& failed, const Target& target);

// `what` with described(target) in front, unless that is there already.
std::string with_database(const std::string& what, const Target& target);

// SOCI's message on one line, without the statement, names of functions, and a trailing dot or blank.
std::string one_line(std::string_view message);

}  // namespace sqlgrey::store
