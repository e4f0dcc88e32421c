// Detaching, accounts, systemd.
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/process/daemon.hpp"
#include "unit/server_client.hpp"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

using namespace sqlgrey;
using Catch::Contains;
using process::Detached;

namespace {

struct Outcome {
    int status;
    std::string standard_error;
};

// Runs `task` in a process, and waits for that and everything that has its standard error open.
Outcome run(const std::function<void()>& task) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return {-1, ""};
    const base::unique_fd output{ends[0]};
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::dup2(ends[1], STDERR_FILENO);
        ::close(ends[1]);
        ::close(ends[0]);
        task();
        ::_exit(99);
    }
    ::close(ends[1]);
    Outcome outcome{-1, ""};
    std::array<char, 256> bytes;
    for (ssize_t got = 0; (got = ::read(output.get(), bytes.data(), bytes.size())) > 0;)
        outcome.standard_error.append(bytes.data(), static_cast<std::size_t>(got));
    ::waitpid(pid, &outcome.status, 0);
    outcome.status =
        WIFEXITED(outcome.status) ? WEXITSTATUS(outcome.status) : 1000 + WTERMSIG(outcome.status);
    return outcome;
}

class NotifySocket {
  public:
    explicit NotifySocket(const std::string& value) {
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        value.copy(name.sun_path, sizeof name.sun_path - 1);
        if (value[0] == '@') name.sun_path[0] = '\0';
        fd_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        bound = ::bind(fd_.get(), reinterpret_cast<sockaddr*>(&name),
                       static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + value.size())) == 0;
        ::setenv("NOTIFY_SOCKET", value.c_str(), 1);
    }
    ~NotifySocket() { ::unsetenv("NOTIFY_SOCKET"); }
    std::string received() const {
        std::array<char, 256> bytes;
        const auto got = ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        return got < 0 ? "<none>" : std::string(bytes.data(), static_cast<std::size_t>(got));
    }
    bool bound = false;

  private:
    base::unique_fd fd_;
};

}  // namespace

TEST_CASE("a detached daemon that is ready lets the command end with 0 and closes the terminal") {
    const auto outcome = run([] {
        auto detached = Detached::now();
        const bool leader = ::getsid(0) == ::getpid();
        const bool at_root = std::filesystem::current_path() == "/";
        if (!leader || !at_root) detached.report_failure("neither leader nor at the root");
        detached.report_ready();
        const std::string nobody_sees = "nobody sees this\n";
        if (::write(STDERR_FILENO, nobody_sees.data(), nobody_sees.size()) < 0) ::_exit(1);
        ::_exit(0);
    });
    REQUIRE(outcome.standard_error.empty());
    REQUIRE(outcome.status == 0);
}

TEST_CASE("a detached daemon that fails lets the command end with 1 and its message") {
    const auto outcome = run([] {
        auto detached = Detached::now();
        detached.report_failure("cannot listen on 25: in use");
        ::_exit(0);
    });
    REQUIRE(outcome.standard_error == "cannot listen on 25: in use\n");
    REQUIRE(outcome.status == 1);
}

TEST_CASE("a detached daemon that dies before it is ready lets the command end with 1") {
    SECTION("alone") {
        const auto outcome = run([] {
            auto detached = Detached::now();
            ::_exit(0);
        });
        REQUIRE_THAT(outcome.standard_error, Contains("ended before it was ready"));
        REQUIRE(outcome.status == 1);
    }
    SECTION("though a child of it still holds the pipe") {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        const base::unique_fd done{ends[1]};
        const auto outcome = run([&] {
            auto detached = Detached::now();
            if (::fork() == 0) {
                ::close(STDERR_FILENO);
                ::close(ends[1]);
                char byte = 0;
                if (::read(ends[0], &byte, 1) >= 0) ::_exit(0);  // until this test is over
            }
            ::_exit(0);
        });
        ::close(ends[0]);
        REQUIRE(outcome.status == 1);
    }
}

TEST_CASE("in the foreground there is no parent to report to") {
    const auto outcome = run([] {
        Detached detached;
        detached.report_ready();
        detached.report_failure("unsaid");
        const std::string seen = "seen";
        if (::write(STDERR_FILENO, seen.data(), seen.size()) < 0) ::_exit(1);
        ::_exit(0);
    });
    REQUIRE(outcome.standard_error == "seen");
    REQUIRE(outcome.status == 0);
}

TEST_CASE("an account is found with its numbers, and one that is missing is named") {
    REQUIRE(process::find_account("root", "root").uid == 0);
    const auto own_group = process::find_account("nobody", "");
    REQUIRE(own_group.uid != 0);
    REQUIRE(own_group.gid != 0);
    REQUIRE_THROWS_WITH(process::find_account("no-such-user", "root"),
                        Contains("no user \"no-such-user\"") && Contains("useradd"));
    REQUIRE_THROWS_WITH(process::find_account("root", "no-such-group"),
                        Contains("no group \"no-such-group\"") && Contains("groupadd"));
}

TEST_CASE("privileges are dropped for good, supplementary groups too") {
    if (!process::started_as_root()) return;  // nothing to drop
    const auto outcome = run([] {
        const auto nobody = process::find_account("nobody", "");
        process::drop_privileges(nobody);
        std::array<gid_t, 64> groups;
        const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
        for (int i = 0; i < count; ++i)
            if (groups[static_cast<std::size_t>(i)] == 0) ::_exit(2);
        const bool changed = ::getuid() == nobody.uid && ::geteuid() == nobody.uid &&
                             ::getgid() == nobody.gid && ::getegid() == nobody.gid;
        if (!changed || ::setuid(0) == 0 || process::started_as_root()) ::_exit(3);
        process::drop_privileges(process::find_account("root", "root"));  // not root: does nothing
        ::_exit(::getuid() == nobody.uid ? 0 : 4);
    });
    REQUIRE(outcome.status == 0);
}

TEST_CASE("systemd is notified over the socket it names") {
    std::string directory = (std::filesystem::temp_directory_path() / "notify.XXXXXX").string();
    REQUIRE(::mkdtemp(directory.data()) != nullptr);
    SECTION("a path") {
        const NotifySocket socket(directory + "/socket");
        REQUIRE(socket.bound);
        process::notify_systemd("READY=1");
        REQUIRE(socket.received() == "READY=1");
    }
    SECTION("an abstract name") {
        const NotifySocket socket("@" + directory);
        REQUIRE(socket.bound);
        process::notify_systemd("STOPPING=1");
        REQUIRE(socket.received() == "STOPPING=1");
    }
    SECTION("or not at all, when it names none or one that is gone") {
        process::notify_systemd("READY=1");
        ::setenv("NOTIFY_SOCKET", (directory + "/gone").c_str(), 1);
        process::notify_systemd("READY=1");
        ::setenv("NOTIFY_SOCKET", std::string(300, '/').c_str(), 1);
        process::notify_systemd("READY=1");
        ::unsetenv("NOTIFY_SOCKET");
    }
    std::filesystem::remove_all(directory);
}
