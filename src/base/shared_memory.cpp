#include "sqlgrey/base/shared_memory.hpp"

#include <cerrno>
#include <system_error>

#include <sys/mman.h>

namespace sqlgrey::base {

SharedMapping::SharedMapping(std::size_t size)
    : size_(size),
      address_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (address_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "shared memory");
}

SharedMapping::~SharedMapping() {
    ::munmap(address_, size_);
}

}  // namespace sqlgrey::base
