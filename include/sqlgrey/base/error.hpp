// Errors that name the thing that failed.
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace sqlgrey::base {

// An administrator must correct something before the daemon can start. what() is one complete sentence: what
// failed, on which name, why, what to do.
class StartError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// "<what>: <strerror(error_number)>".
std::string with_errno(const std::string& what, int error_number);

// what() of an exception, for the log; "out of memory" for std::bad_alloc, whose own text is its class name.
std::string reason_of(const std::exception& error);

}  // namespace sqlgrey::base
