// Descriptors that systemd passes: sd_listen_fds(3).
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/process/daemon.hpp"

#include <cstdlib>
#include <functional>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/wait.h>

using namespace sqlgrey;
using Catch::Contains;
using process::take_passed_descriptors;

namespace {

void announce(const std::string& pid, const std::string& count, const char* names = nullptr) {
    ::setenv("LISTEN_PID", pid.c_str(), 1);
    ::setenv("LISTEN_FDS", count.c_str(), 1);
    if (names != nullptr) ::setenv("LISTEN_FDNAMES", names, 1);
}

bool is_announced() {
    return std::getenv("LISTEN_PID") != nullptr || std::getenv("LISTEN_FDS") != nullptr ||
           std::getenv("LISTEN_FDNAMES") != nullptr;
}

// True if the task returns true in a process of its own, with /dev/null as descriptors 3, 4 and no others.
bool with_two(const std::function<bool()>& task) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        const int null = ::open("/dev/null", O_RDONLY);
        if (::dup2(null, 3) != 3 || ::dup2(null, 4) != 4 || ::close_range(5, ~0U, 0) != 0) ::_exit(2);
        ::_exit(task() ? 0 : 1);
    }
    int status = 0;
    return ::waitpid(pid, &status, 0) == pid && status == 0;
}

std::string failure() {
    try {
        take_passed_descriptors();
    } catch (const base::StartError& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("passed descriptors come with their names, close on exec, and are announced to nobody else") {
    REQUIRE(with_two([] {
        announce(std::to_string(::getpid()), "2", "policy:other");
        const auto passed = take_passed_descriptors();
        return passed.size() == 2 && passed[0].name == "policy" && passed[0].fd.get() == 3 &&
               passed[1].name == "other" && passed[1].fd.get() == 4 &&
               (::fcntl(3, F_GETFD) & FD_CLOEXEC) != 0 && (::fcntl(4, F_GETFD) & FD_CLOEXEC) != 0 &&
               !is_announced() && take_passed_descriptors().empty();
    }));
}

TEST_CASE("a passed descriptor without a name is unknown") {
    for (const char* names : {static_cast<const char*>(nullptr), "", ":", "unknown"}) {
        REQUIRE(with_two([names] {
            announce(std::to_string(::getpid()), "2", names);
            const auto passed = take_passed_descriptors();
            return passed.size() == 2 && passed[0].name == "unknown" && passed[1].name == "unknown";
        }));
    }
}

TEST_CASE("descriptors of another process, or of none, are left alone") {
    for (const char* pid : {"1", "", "x", "-1", "99999999999999999999"}) {
        REQUIRE(with_two([pid] {
            announce(pid, "2", "policy");
            return take_passed_descriptors().empty() && ::fcntl(3, F_GETFD) == 0 && !is_announced();
        }));
    }
    REQUIRE(with_two([] { return take_passed_descriptors().empty() && ::fcntl(3, F_GETFD) == 0; }));
}

TEST_CASE("a number of descriptors that cannot be is told") {
    const std::string own = std::to_string(::getpid());
    for (const char* count : {"", "two", "-1", "2x", " 2", "99999999999999999999"}) {
        announce(own, count);
        REQUIRE_THAT(failure(), Contains("LISTEN_FDS = \"" + std::string{count} + "\" is not a number"));
        REQUIRE_FALSE(is_announced());
    }
    REQUIRE(with_two([] {
        announce(std::to_string(::getpid()), "999999");
        return failure() ==
               "LISTEN_FDS announces 999999 descriptors, but 5 is not open; start the daemon "
               "without LISTEN_FDS";
    }));
    announce(own, "0");
    REQUIRE(take_passed_descriptors().empty());
}
