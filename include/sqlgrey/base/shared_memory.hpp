// Memory shared between a process and the children it forks afterwards, and counters for it.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace sqlgrey::base {

// Anonymous shared memory (mmap(2)): it has no name, and needs no cleanup when a process dies.
class SharedMapping {
  public:
    explicit SharedMapping(std::size_t size);   // throws std::system_error
    SharedMapping(int file, std::size_t size);  // of make_memory_file(); throws std::system_error
    ~SharedMapping();
    SharedMapping(const SharedMapping&) = delete;
    SharedMapping& operator=(const SharedMapping&) = delete;
    void* address() const { return address_; }

  private:
    std::size_t size_;
    void* address_;
};

// A file that exists in memory only (memfd_create(2)), filled with zeros, for sharing with a process that is
// no child: its descriptor is passed there. Its size cannot change. Throws std::system_error.
unique_fd make_memory_file(std::size_t size);
// True if it is such a file and has that size.
bool is_memory_file(int file, std::size_t size);

// What a memory file has when it is mapped: zeros, or objects that another process uses.
enum class Found { zeros, objects };

// `count` default-constructed objects of T. A process only unmaps its own view and never destroys the
// objects, so what a dead child wrote stays. Members that several processes use at once must be lock-free
// atomics.
template <typename T>
class SharedMemory {
    static_assert(std::is_trivially_destructible_v<T>, "nobody destroys it");

  public:
    explicit SharedMemory(std::size_t count = 1)  // throws std::system_error
        : mapping_(count * sizeof(T)), first_(static_cast<T*>(mapping_.address())) {
        std::uninitialized_value_construct_n(first_, count);
    }
    // One object in a memory file of its size. Throws std::system_error.
    SharedMemory(int file, Found found)
        : mapping_(file, sizeof(T)), first_(static_cast<T*>(mapping_.address())) {
        if (found == Found::zeros) std::uninitialized_value_construct_n(first_, 1);
    }
    T& operator*() const { return *first_; }
    T* operator->() const { return first_; }
    T& operator[](std::size_t index) const { return first_[index]; }

  private:
    SharedMapping mapping_;
    T* first_;
};

// A number that only grows; any process may read it at any time. An addition takes a few nanoseconds if no
// other process writes to the same cache line, so counters that are added to often have one writer each.
class Counter {
  public:
    void add(std::uint64_t more = 1) { value_.fetch_add(more, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
    static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "a lock would not work between processes");
};

// A number that goes up and down. Any process may read it at any time.
class Gauge {
  public:
    void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
    std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::int64_t> value_{0};
    static_assert(std::atomic<std::int64_t>::is_always_lock_free, "a lock would not work between processes");
};

// Alignment that keeps what two processes write in different cache lines.
inline constexpr std::size_t cache_line = 64;

}  // namespace sqlgrey::base
