// What the database's refusals are called when they leave this module: greylist::StoreUnavailable or
// greylist::StoreError, in one line for the admin.
#pragma once

#include "driver.hpp"

#include <string>
#include <string_view>

namespace sqlgrey::store {

// Another transaction keeps a lock that a statement needs. The session is as good as before.
class Locked : public greylist::StoreUnavailable {
  public:
    using StoreUnavailable::StoreUnavailable;
};

// What failed, for the message.
struct Failed {
    ErrorClass error;
    std::string words;      // the database's own
    std::string statement;  // its name; empty: connecting failed
    std::string done;       // what was done about it; empty: the admin has to
};

// Throws what stands for `failed`: which database, what is wrong and, for a StoreError, what to do.
[[noreturn]] void throw_failure(const Failed& failed, const Target& target);

// `what` behind that, if it does not begin so already.
std::string with_database(const std::string& what, const Target& target);

// What SOCI says as one line: without the statement, the names of functions, a trailing dot or blank.
std::string one_line(std::string_view message);

}  // namespace sqlgrey::store
