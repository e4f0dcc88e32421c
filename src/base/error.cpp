#include "sqlgrey/base/error.hpp"

#include <system_error>

namespace sqlgrey::base {

// Not strerror(3): its buffer is shared by all threads.
std::string with_errno(const std::string& what, int error_number) {
    return what + ": " + std::generic_category().message(error_number);
}

}  // namespace sqlgrey::base
