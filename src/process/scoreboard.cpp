// mmap(2), shared and anonymous, so it needs no name and no cleaning up.
#include "scoreboard.hpp"

#include <cerrno>
#include <memory>
#include <system_error>

#include <sys/mman.h>

namespace sqlgrey::process {

Scoreboard::Scoreboard(std::size_t size) : size_(size), counts_(nullptr) {
    void* memory = ::mmap(nullptr, size_ * sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    counts_ = static_cast<std::atomic<int>*>(memory);
    std::uninitialized_value_construct_n(counts_, size_);
}

Scoreboard::~Scoreboard() {
    ::munmap(counts_, size_ * sizeof(std::atomic<int>));
}

}  // namespace sqlgrey::process
