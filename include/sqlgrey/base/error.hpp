// Errors that carry the name of the thing that failed.
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace sqlgrey::base {

// Something an admin has to correct before the daemon can start: what() is one complete
// sentence for a person (what failed, on which name, why, what to do).
class StartError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// "<what>: <strerror(error_number)>".
std::string with_errno(const std::string& what, int error_number);

// The text of an exception for the log; for std::bad_alloc, whose own text is its name, "out of memory".
std::string reason_of(const std::exception& error);

}  // namespace sqlgrey::base
