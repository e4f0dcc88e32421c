#include "sqlgrey/base/shared_memory.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace sqlgrey::base {

SharedMapping::SharedMapping(std::size_t size)
    : size_(size),
      address_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (address_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "shared memory");
}

SharedMapping::SharedMapping(int file, std::size_t size)
    : size_(size), address_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)) {
    if (address_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "shared memory");
}

SharedMapping::~SharedMapping() {
    ::munmap(address_, size_);
}

namespace {

// If a file shrank while it is mapped, reading from it would end the process (SIGBUS).
constexpr int fixed_size = F_SEAL_SHRINK | F_SEAL_GROW;

}  // namespace

unique_fd make_memory_file(std::size_t size) {
    unique_fd file{::memfd_create("sqlgrey", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!file || ::ftruncate(file.get(), static_cast<off_t>(size)) != 0 ||
        ::fcntl(file.get(), F_ADD_SEALS, fixed_size) != 0)
        throw std::system_error(errno, std::generic_category(), "memfd_create");
    return file;
}

bool is_memory_file(int file, std::size_t size) {
    struct stat status {};
    const int seals = ::fcntl(file, F_GET_SEALS);
    return seals >= 0 && (seals & fixed_size) == fixed_size && ::fstat(file, &status) == 0 &&
           status.st_size == static_cast<off_t>(size);
}

}  // namespace sqlgrey::base
