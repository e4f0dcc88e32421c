// What a syslog daemon receives, on a socket of the test.
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/log/logger.hpp"

#include <array>
#include <chrono>
#include <filesystem>
#include <regex>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

using namespace sqlgrey;
using namespace std::chrono_literals;

namespace {

class Directory {
  public:
    Directory() {
        std::string name = std::filesystem::temp_directory_path() / "sqlgrey-log-XXXXXX";
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Directory() { std::filesystem::remove_all(path_); }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    std::string socket() const { return path_ / "log"; }

  private:
    std::filesystem::path path_;
};

// The daemon; removes its socket's file.
class Daemon {
  public:
    explicit Daemon(std::string path) : path_(std::move(path)), fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        path_.copy(name.sun_path, sizeof name.sun_path - 1);
        REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
        const timeval timeout{1, 500000};
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    }
    ~Daemon() { ::unlink(path_.c_str()); }
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    // All records until none has come for a while, or until there are `most`.
    std::vector<std::string> records(std::size_t most = 1 << 20) const {
        std::vector<std::string> all;
        std::array<char, 8192> bytes{};
        while (all.size() < most) {
            const auto got = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
            if (got < 0) break;
            all.emplace_back(bytes.data(), static_cast<std::size_t>(got));
        }
        return all;
    }

  private:
    std::string path_;
    base::unique_fd fd_;
};

// Without the time.
std::string text_of(const std::string& record) {
    std::smatch found;
    const bool shaped = std::regex_match(
        record, found, std::regex(R"((<\d+>)[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ([^\n]*))"));
    CAPTURE(record);
    REQUIRE(shaped);
    return found[1].str() + found[2].str();
}

}  // namespace

TEST_CASE("syslog gets facility and severity, the time, the ident, no pid, and the line as it is") {
    const Directory directory;
    const Daemon daemon(directory.socket());
    const auto sink = log::syslog_sink("greyhound", directory.socket());
    sink->write(log::normal, std::string_view("grey: new: %s%n%m-cut").substr(0, 17));
    const auto records = daemon.records(1);
    REQUIRE(records.size() == 1);
    CHECK(text_of(records[0]) == "<" + std::to_string(LOG_MAIL | LOG_INFO) + ">greyhound: grey: new: %s%n%m");
}

TEST_CASE("without an ident syslog gets the program's name") {
    const Directory directory;
    const Daemon daemon(directory.socket());
    log::syslog_sink("", directory.socket())->write(log::normal, "a");
    CHECK(text_of(daemon.records(1).at(0)).ends_with(std::string(program_invocation_short_name) + ": a"));
}

TEST_CASE("levels become the severities of syslog") {
    const Directory directory;
    const Daemon daemon(directory.socket());
    const auto sink = log::syslog_sink("greyhound", directory.socket());
    std::vector<std::string> expected;
    for (const auto& [level, severity] : std::vector<std::pair<int, int>>{{-1, LOG_ERR},
                                                                          {0, LOG_ERR},
                                                                          {1, LOG_WARNING},
                                                                          {2, LOG_INFO},
                                                                          {3, LOG_INFO},
                                                                          {4, LOG_DEBUG},
                                                                          {5, LOG_DEBUG}}) {
        sink->write(level, "a");
        expected.push_back("<" + std::to_string(LOG_MAIL | severity) + ">greyhound: a");
    }
    std::vector<std::string> texts;
    for (const std::string& record : daemon.records(expected.size())) texts.push_back(text_of(record));
    CHECK(texts == expected);
}

TEST_CASE("old and new settings have each their ident") {
    const Directory directory;
    const Daemon daemon(directory.socket());
    const auto old_sink = log::syslog_sink("old", directory.socket());
    const auto new_sink = log::syslog_sink("new", directory.socket());
    old_sink->write(log::normal, "a");
    new_sink->write(log::normal, "b");
    const auto records = daemon.records(2);
    CHECK(records.at(0).ends_with(" old: a"));
    CHECK(records.at(1).ends_with(" new: b"));
}

TEST_CASE("a syslog daemon that does not read is not waited for, and lost lines are counted") {
    const Directory directory;
    const Daemon daemon(directory.socket());
    const auto sink = log::syslog_sink("greyhound", directory.socket());
    constexpr int count = 30000;
    std::chrono::steady_clock::duration longest{};
    for (int i = 0; i < count; ++i) {
        const auto begun = std::chrono::steady_clock::now();
        sink->write(log::normal, std::to_string(i) + std::string(100, 'x'));
        longest = std::max(longest, std::chrono::steady_clock::now() - begun);
    }
    CHECK(longest < 1s);
    int expected = 0;
    bool told = false;
    for (const std::string& record : daemon.records()) {
        const std::string text = text_of(record);
        std::smatch found;
        if (std::regex_match(
                text, found,
                std::regex(
                    R"(<20>greyhound: system: (\d+) log lines were lost: they were not read in time)"))) {
            expected += std::stoi(found[1]);
            told = true;
            continue;
        }
        REQUIRE(text == "<22>greyhound: " + std::to_string(expected++) + std::string(100, 'x'));
    }
    CHECK(told);
    CHECK(expected == count);
}

TEST_CASE("lines from the time without a syslog daemon are sent once there is one again") {
    const Directory directory;
    const auto sink = log::syslog_sink("greyhound", directory.socket());
    {
        const Daemon daemon(directory.socket());
        sink->write(log::normal, "before");
        CHECK(daemon.records(1).size() == 1);
    }
    sink->write(log::normal, "meanwhile");
    sink->write(log::normal, "meanwhile too");
    const Daemon daemon(directory.socket());
    const auto records = daemon.records(2);
    CHECK(records.at(0).ends_with(": meanwhile"));
    CHECK(records.at(1).ends_with(": meanwhile too"));
}

TEST_CASE("lines lost without a syslog daemon are counted with that reason") {
    const Directory directory;
    const auto sink = log::syslog_sink("greyhound", directory.socket());
    for (int i = 0; i < 30000; ++i) sink->write(log::normal, std::string(100, 'x'));
    const Daemon daemon(directory.socket());
    const auto records = daemon.records(2);
    REQUIRE(records.size() == 2);
    CHECK(records[1].find(" log lines were lost: no syslog daemon listened at " + directory.socket()) !=
          std::string::npos);
}
