// Memory shared between a process and the children it forks afterwards, and counters for it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace sqlgrey::base {

// Anonymous shared memory (mmap(2)): it has no name, and needs no cleanup when a process dies.
class SharedMapping {
  public:
    explicit SharedMapping(std::size_t size);  // throws std::system_error
    ~SharedMapping();
    SharedMapping(const SharedMapping&) = delete;
    SharedMapping& operator=(const SharedMapping&) = delete;
    void* address() const { return address_; }

  private:
    std::size_t size_;
    void* address_;
};

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
