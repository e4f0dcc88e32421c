// The pid file and --kill. Locks belong to processes, so other daemons are other processes here.
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/process/pid_file.hpp"
#include "unit/server_client.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

using namespace sqlgrey;
using Catch::Contains;
using process::kill_daemon;
using process::PidFile;
using test::eventually;

namespace {

constexpr base::Seconds timeout{30};

class Place {
  public:
    Place() {
        std::string name = (std::filesystem::temp_directory_path() / "pid.XXXXXX").string();
        directory_ = ::mkdtemp(name.data());
        path = directory_ / "sqlgrey.pid";
    }
    ~Place() { std::filesystem::remove_all(directory_); }
    void write(const std::string& text) const { std::ofstream(path) << text; }
    std::string text() const {
        std::ostringstream all;
        all << std::ifstream(path).rdbuf();
        return all.str();
    }
    bool exists() const { return std::filesystem::exists(path); }

    std::string path;

  private:
    std::filesystem::path directory_;
};

// Another process, which reports when it has reached a certain point.
class Other {
  public:
    using Word = std::function<void()>;
    explicit Other(const std::function<void(const Word&)>& task) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) return;
        word_.reset(ends[0]);
        pid = ::fork();
        if (pid == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            std::signal(SIGTERM, SIG_DFL);  // not as in the test program
            task([&] {
                if (::write(ends[1], "w", 1) != 1) ::_exit(9);
            });
            ::_exit(0);
        }
        ::close(ends[1]);
        char byte = 0;
        there = ::read(word_.get(), &byte, 1) == 1;
    }
    ~Other() {
        if (pid <= 0 || reaped_) return;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }
    bool alive() {
        if (!reaped_ && ::waitpid(pid, &status, WNOHANG) == pid) reaped_ = true;
        return !reaped_;
    }

    pid_t pid = 0;
    bool there = false;
    int status = -1;

  private:
    base::unique_fd word_;
    bool reaped_ = false;
};

void sleep_for_ever() {
    while (true) ::pause();
}

// Holds the pid file until TERM, then removes it as the daemon does.
void be_daemon(const std::string& path, const Other::Word& word) {
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &term, nullptr);
    PidFile file(path);
    file.write_own_pid();
    word();
    int number = 0;
    ::sigwait(&term, &number);
    file.remove();
}

std::string refusal(const std::string& path) {
    try {
        PidFile file(path);
        file.write_own_pid();
    } catch (const base::StartError& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("the pid file contains the pid and is readable by all") {
    const Place place;
    PidFile file(place.path);
    file.write_own_pid();
    REQUIRE(place.text() == std::to_string(::getpid()) + "\n");
    REQUIRE((std::filesystem::status(place.path).permissions() & std::filesystem::perms::others_read) !=
            std::filesystem::perms::none);
    file.remove();
    REQUIRE_FALSE(place.exists());
}

TEST_CASE("a pid file in use is refused with the pid of its holder") {
    const Place place;
    Other daemon([&](const auto& word) { be_daemon(place.path, word); });
    REQUIRE(daemon.there);
    REQUIRE_THAT(refusal(place.path), Contains("running already as process " + std::to_string(daemon.pid)));
    REQUIRE(place.text() == std::to_string(daemon.pid) + "\n");
}

TEST_CASE("a daemon that is faster between opening and locking wins") {
    const Place place;
    PidFile slow(place.path);
    Other fast([&](const auto& word) { be_daemon(place.path, word); });
    REQUIRE(fast.there);
    REQUIRE_THROWS_WITH(slow.write_own_pid(), Contains(std::to_string(fast.pid)));
}

TEST_CASE("a file that was removed between opening and locking is created again") {
    const Place place;
    PidFile file(place.path);
    std::filesystem::remove(place.path);
    file.write_own_pid();
    REQUIRE(place.text() == std::to_string(::getpid()) + "\n");
}

TEST_CASE("a stale pid file is taken over") {
    const Place place;
    place.write("99999999\n");
    REQUIRE(refusal(place.path).empty());
    REQUIRE(place.text() == std::to_string(::getpid()) + "\n");
}

TEST_CASE("what is not a pid file is neither overwritten nor removed") {
    const Place place;
    place.write("root:x:0:0\n");
    REQUIRE_THAT(refusal(place.path), Contains("is not a pid file"));
    REQUIRE_THAT(kill_daemon(place.path, timeout).message, Contains("is not a pid file"));
    REQUIRE(place.text() == "root:x:0:0\n");
}

TEST_CASE("a symbolic link is not followed") {
    const Place place;
    std::filesystem::create_symlink(place.path + ".target", place.path);
    REQUIRE_THAT(refusal(place.path), Contains("symbolic link"));
    REQUIRE_FALSE(std::filesystem::exists(place.path + ".target"));
}

TEST_CASE("a pid file that cannot be written is reported with the reason") {
    REQUIRE_THAT(refusal("/no/such/directory/pid"), Contains("/no/such/directory/pid: No such file"));
}

TEST_CASE("the lock outlives children that close everything and end") {
    const Place place;
    Other daemon([&](const auto& word) {
        PidFile file(place.path);
        file.write_own_pid();
        const pid_t child = ::fork();
        if (child == 0) {
            for (int fd = 3; fd < 100; ++fd) ::close(fd);
            ::_exit(0);
        }
        ::waitpid(child, nullptr, 0);
        word();
        sleep_for_ever();
    });
    REQUIRE(daemon.there);
    REQUIRE_THAT(refusal(place.path), Contains("running already"));
}

TEST_CASE("another daemon's file is not removed") {
    const Place place;
    PidFile mine(place.path);
    mine.write_own_pid();
    std::filesystem::remove(place.path);
    place.write("1234\n");
    mine.remove();
    REQUIRE(place.text() == "1234\n");
}

TEST_CASE("kill ends the daemon, waits until it is gone and removes the file") {
    const Place place;
    Other daemon([&](const auto& word) { be_daemon(place.path, word); });
    REQUIRE(daemon.there);
    const auto result = kill_daemon(place.path, timeout);
    REQUIRE(result.ok);
    REQUIRE_THAT(result.message, Contains(std::to_string(daemon.pid)) && Contains("has stopped"));
    REQUIRE(eventually([&] { return !daemon.alive(); }));
    REQUIRE(daemon.status == 0);
    REQUIRE_FALSE(place.exists());
}

TEST_CASE(
    "kill removes the file of a daemon that could only empty it, and trusts the lock more than the text") {
    const Place place;
    Other daemon([&](const auto& word) {
        PidFile file(place.path);
        file.write_own_pid();
        word();
        sleep_for_ever();  // TERM ends it
    });
    REQUIRE(daemon.there);
    Other stranger([](const auto& word) {
        word();
        sleep_for_ever();
    });
    place.write(std::to_string(stranger.pid) + "\n");
    REQUIRE(kill_daemon(place.path, timeout).ok);
    REQUIRE(eventually([&] { return !daemon.alive(); }));
    REQUIRE(stranger.alive());
    REQUIRE_FALSE(place.exists());
}

TEST_CASE("kill does not signal another process whose pid is in a stale file") {
    const Place place;
    Other stranger([](const auto& word) {
        word();
        sleep_for_ever();
    });
    place.write(std::to_string(stranger.pid) + "\n");
    const auto result = kill_daemon(place.path, timeout);
    REQUIRE_FALSE(result.ok);
    REQUIRE_THAT(result.message, Contains("is not running") && Contains("stale file has been removed"));
    REQUIRE_FALSE(place.exists());
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    REQUIRE(stranger.alive());
}

TEST_CASE("kill without a pid file reports that nothing runs") {
    const Place place;
    const auto result = kill_daemon(place.path, timeout);
    REQUIRE_FALSE(result.ok);
    REQUIRE_THAT(result.message, Contains("is not running"));
}

TEST_CASE("kill gives up after the timeout and leaves the file") {
    const Place place;
    Other daemon([&](const auto& word) {
        std::signal(SIGTERM, SIG_IGN);
        PidFile file(place.path);
        file.write_own_pid();
        word();
        sleep_for_ever();
    });
    REQUIRE(daemon.there);
    const auto result = kill_daemon(place.path, base::Seconds{1});
    REQUIRE_FALSE(result.ok);
    REQUIRE_THAT(result.message, Contains("not gone after 1 second"));
    REQUIRE(daemon.alive());
    REQUIRE(place.exists());
}

TEST_CASE("a start that fails leaves no empty pid file") {
    const Place place;
    { const PidFile file(place.path); }
    CHECK_FALSE(std::filesystem::exists(place.path));
}

TEST_CASE("while the lock passes to a successor, somebody holds it at every moment") {
    const Place place;
    Other old([&](const auto& word) {
        PidFile file(place.path);
        file.write_own_pid();
        file.share();
        word();
        sleep_for_ever();
    });
    REQUIRE(old.there);
    REQUIRE(process::running_daemon(place.path) == old.pid);
    Other successor([&](const auto& word) {
        PidFile file = PidFile::of_successor(place.path);
        if (file.take_share()) word();
        while (!file.take_whole()) {
        }
        sleep_for_ever();
    });
    REQUIRE(successor.there);

    // The one that serves is the holder, and a third gets nothing.
    CHECK(process::running_daemon(place.path) == old.pid);
    CHECK_THAT(refusal(place.path), Contains("process " + std::to_string(old.pid)));
    CHECK_FALSE(PidFile::of_successor(place.path).take_share());

    ::kill(old.pid, SIGKILL);
    CHECK(eventually([&] { return !old.alive(); }));
    CHECK(eventually([&] { return place.text() == std::to_string(successor.pid) + "\n"; }));
    CHECK(process::running_daemon(place.path) == successor.pid);
    CHECK_THAT(refusal(place.path), Contains("process " + std::to_string(successor.pid)));
}

TEST_CASE("a daemon has its whole lock again when its successor has ended") {
    const Place place;
    PidFile file(place.path);
    file.write_own_pid();
    file.share();
    {
        Other successor([&](const auto& word) {
            PidFile same = PidFile::of_successor(place.path);
            if (same.take_share()) same.put_own_pid();
            word();
            sleep_for_ever();
        });
        REQUIRE(successor.there);
        CHECK_FALSE(file.take_whole());
    }
    CHECK(file.take_whole());
    Other third([&](const auto& word) {
        if (!PidFile::of_successor(place.path).take_share()) word();
    });
    CHECK(third.there);
    CHECK(place.text() == std::to_string(::getpid()) + "\n");  // last: closing the file releases the lock
}

TEST_CASE("kill ends a daemon and the successor that is replacing it") {
    const Place place;
    const auto hold = [&](bool (*take)(PidFile&)) {
        return [&place, take](const Other::Word& word) {
            PidFile file = PidFile::of_successor(place.path);
            if (!take(file)) return;
            word();
            sleep_for_ever();
        };
    };
    Other old(hold([](PidFile& file) {
        file.write_own_pid();
        file.share();
        return true;
    }));
    Other successor(hold([](PidFile& file) { return file.take_share(); }));
    REQUIRE(old.there);
    REQUIRE(successor.there);
    CHECK(kill_daemon(place.path, timeout).ok);
    CHECK(eventually([&] { return !old.alive() && !successor.alive(); }));
    CHECK_FALSE(place.exists());
}
