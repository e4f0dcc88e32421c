// What processes see of each other's counters.
#include "sqlgrey/base/shared_memory.hpp"

#include <cstdlib>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace sqlgrey::base;

namespace {

struct alignas(cache_line) Slot {
    Counter requests;
    std::atomic<int> level{7};
};

// Runs `work` in a child that is then killed, and waits for it.
void in_a_child_that_is_killed(auto work) {
    const pid_t child = ::fork();
    if (child == 0) {
        work();
        ::raise(SIGKILL);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
}

}  // namespace

TEST_CASE("shared memory holds default-constructed objects") {
    const SharedMemory<Slot> slots(3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(slots[i].requests.value() == 0);
        CHECK(slots[i].level == 7);
        CHECK(reinterpret_cast<std::uintptr_t>(&slots[i]) % cache_line == 0);
    }
}

TEST_CASE("shared memory keeps what a killed child wrote, and the next child continues it") {
    const SharedMemory<Slot> slots(2);
    in_a_child_that_is_killed([&] { slots[1].requests.add(5); });
    CHECK(slots[1].requests.value() == 5);
    in_a_child_that_is_killed([&] { slots[1].requests.add(); });
    CHECK(slots[1].requests.value() == 6);
    CHECK(slots[0].requests.value() == 0);
}

TEST_CASE("processes that add to one counter at once lose nothing") {
    const SharedMemory<Counter> counter;
    const auto count = [&] {
        for (int i = 0; i < 100'000; ++i) counter->add();
    };
    const pid_t child = ::fork();
    if (child == 0) {
        count();
        ::_exit(0);
    }
    count();
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    CHECK((*counter).value() == 200'000);
}

TEST_CASE("objects in a memory file are found by whoever gets the descriptor") {
    const unique_fd file = make_memory_file(sizeof(Slot));
    const SharedMemory<Slot> first(file.get(), Found::zeros);
    CHECK(first->level == 7);
    first->requests.add(5);
    const SharedMemory<Slot> second(file.get(), Found::objects);
    CHECK(second->requests.value() == 5);
    second->requests.add();
    CHECK(first->requests.value() == 6);
}

TEST_CASE("a memory file has its size for ever, and another file is none") {
    const unique_fd file = make_memory_file(4096);
    CHECK(is_memory_file(file.get(), 4096));
    CHECK_FALSE(is_memory_file(file.get(), 8192));
    CHECK(::ftruncate(file.get(), 0) != 0);
    const unique_fd null{::open("/dev/null", O_RDWR)};
    CHECK_FALSE(is_memory_file(null.get(), 0));
    const unique_fd unsealed{::memfd_create("test", 0)};
    REQUIRE(::ftruncate(unsealed.get(), 4096) == 0);
    CHECK_FALSE(is_memory_file(unsealed.get(), 4096));
}
