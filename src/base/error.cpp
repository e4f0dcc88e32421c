#include "sqlgrey/base/error.hpp"

#include <new>
#include <system_error>

namespace sqlgrey::base {

// Not strerror(3): its buffer is shared by all threads.
std::string with_errno(const std::string& what, int error_number) {
    return what + ": " + std::generic_category().message(error_number);
}

std::string reason_of(const std::exception& error) {
    if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr)
        return "out of memory; raise the limit on memory (MemoryMax= and LimitAS= of the unit, ulimit -v)";
    return error.what();
}

}  // namespace sqlgrey::base
