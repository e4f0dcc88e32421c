// What the process writes to standard error, captured in a pipe, a socket and a file.
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/log/logger.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <regex>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace sqlgrey;
using namespace std::chrono_literals;

namespace {

// Replaces standard error for its lifetime.
class StandardErrorIs {
  public:
    explicit StandardErrorIs(int fd) : saved_(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
        ::dup2(fd, STDERR_FILENO);
    }
    ~StandardErrorIs() {
        log::finish(5s);
        ::dup2(saved_.get(), STDERR_FILENO);
    }
    StandardErrorIs(const StandardErrorIs&) = delete;
    StandardErrorIs& operator=(const StandardErrorIs&) = delete;

  private:
    base::unique_fd saved_;
};

struct Ends {
    base::unique_fd reading, writing;
};

Ends pipe_with(int flags) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC | flags) == 0);
    return {base::unique_fd{ends[0]}, base::unique_fd{ends[1]}};
}

Ends stream_socket() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    const int small = 4096;
    ::setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    return {base::unique_fd{ends[0]}, base::unique_fd{ends[1]}};
}

// One text per system call: a pipe in packet mode (O_DIRECT, see pipe(2)).
std::vector<std::string> writes_on_stderr(const std::function<void()>& act) {
    Ends pipe = pipe_with(O_DIRECT);
    {
        const StandardErrorIs caught(pipe.writing.get());
        act();
    }
    pipe.writing.reset();
    std::vector<std::string> writes;
    std::array<char, 4096> buffer{};
    for (ssize_t n = 0; (n = ::read(pipe.reading.get(), buffer.data(), buffer.size())) > 0;)
        writes.emplace_back(buffer.data(), static_cast<std::size_t>(n));
    return writes;
}

std::string caught_on_stderr(const std::function<void()>& act) {
    std::string text;
    for (const std::string& write : writes_on_stderr(act)) text += write;
    return text;
}

// All lines, until none has come for a while.
std::vector<std::string> lines_of(int reading) {
    std::string text;
    std::array<char, 65536> buffer{};
    for (pollfd poll{reading, POLLIN, 0}; ::poll(&poll, 1, 1500) > 0;) {
        const auto n = ::read(reading, buffer.data(), buffer.size());
        if (n <= 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(n));
    }
    std::vector<std::string> lines;
    for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
        lines.push_back(text.substr(begin, end - begin));
    CHECK(text.ends_with('\n'));
    return lines;
}

// "0 xxx", "1 xxx" ... up to `end`; returns the longest time that one took.
std::chrono::steady_clock::duration write_numbered(log::Sink& sink, int end) {
    std::chrono::steady_clock::duration longest{};
    for (int i = 0; i < end; ++i) {
        const auto begun = std::chrono::steady_clock::now();
        sink.write(log::normal, std::to_string(i) + " " + std::string(100, 'x'));
        longest = std::max(longest, std::chrono::steady_clock::now() - begun);
    }
    return longest;
}

// Numbered lines are complete and in order; if some are missing, one line says how many.
void check_numbered(const std::vector<std::string>& lines, int end) {
    const std::regex notice("system: ([0-9]+) log lines were lost: they were not read in time");
    int expected = 0;
    int lost = 0;
    for (const std::string& line : lines) {
        std::smatch found;
        if (std::regex_match(line, found, notice)) {
            lost += std::stoi(found[1]);
            expected += std::stoi(found[1]);
            continue;
        }
        REQUIRE(line == std::to_string(expected++) + " " + std::string(100, 'x'));
    }
    CHECK(expected == end);
    CHECK(lost > 0);
}

}  // namespace

TEST_CASE("standard error gets one line a message") {
    const std::string text = caught_on_stderr([] {
        const auto sink = log::stderr_sink();
        sink->write(log::normal, "grey: new: a");
        sink->write(log::error, "");
    });
    CHECK(text == "grey: new: a\n\n");
}

TEST_CASE("several lines leave together, but no line is cut in two") {
    std::vector<log::Sink::Line> lines;
    std::string all;
    for (int i = 0; i < 200; ++i) {
        lines.push_back({log::normal, std::to_string(i) + std::string(static_cast<std::size_t>(i), 'x')});
        all += lines.back().text + "\n";
    }
    std::string text;
    const auto writes = writes_on_stderr([&] { log::stderr_sink()->write_all(lines); });
    for (const std::string& write : writes) {
        CHECK(write.ends_with("\n"));
        text += write;
    }
    CHECK(text == all);
    CHECK(writes.size() < 10);
    CHECK(caught_on_stderr([] { log::stderr_sink()->write_all({}); }).empty());
}

TEST_CASE("a logger that keeps its lines writes them when it is destroyed, filtered and escaped as usual") {
    std::vector<std::string> lines;
    const log::Logger logger(log::Levels(log::normal), std::make_unique<log::MemorySink>(lines));
    {
        const log::Logger together = logger.together();
        together.write(log::Category::grey, log::normal, "first\n");
        together.write(log::Category::grey, log::verbose, "not wanted");
        logger.write(log::Category::system, log::normal, "between");
        together.write(log::Category::spam, log::normal, "last");
        CHECK(lines == std::vector<std::string>{"system: between"});
    }
    CHECK(lines == std::vector<std::string>{"system: between", R"(grey: first\x0a)", "spam: last"});
}

TEST_CASE("a line may have the local time in front") {
    const std::string text =
        caught_on_stderr([] { log::stderr_sink(log::Stamps::yes)->write(log::normal, "grey: new: a"); });
    CHECK(std::regex_match(text, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} grey: new: a\n)")));
}

TEST_CASE("the journal's lines have no time, another standard error's have one") {
    Ends pipe = pipe_with(0);
    struct stat status {};
    REQUIRE(::fstat(pipe.writing.get(), &status) == 0);
    const bool same = GENERATE(true, false);
    const std::string stream =
        std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino + (same ? 0 : 1));
    ::setenv("JOURNAL_STREAM", stream.c_str(), 1);
    {
        const StandardErrorIs caught(pipe.writing.get());
        log::stderr_sink(log::Stamps::yes)->write(log::normal, "a");
    }
    ::unsetenv("JOURNAL_STREAM");
    pipe.writing.reset();
    const auto lines = lines_of(pipe.reading.get());
    REQUIRE(lines.size() == 1);
    CHECK((lines[0] == "a") == same);
}

TEST_CASE("a reader of standard error that does not read is not waited for, and lost lines are counted") {
    const bool socket = GENERATE(false, true);
    CAPTURE(socket);
    const Ends ends = socket ? stream_socket() : pipe_with(0);
    const StandardErrorIs caught(ends.writing.get());
    const auto sink = log::stderr_sink();
    constexpr int count = 30000;  // three times what is kept
    CHECK(write_numbered(*sink, count) < 1s);
    check_numbered(lines_of(ends.reading.get()), count);
    sink->write(log::normal, "and on");
    CHECK(lines_of(ends.reading.get()) == std::vector<std::string>{"and on"});
}

TEST_CASE("a non-blocking pipe loses nothing") {
    const Ends pipe = pipe_with(O_NONBLOCK);
    const StandardErrorIs caught(pipe.writing.get());
    const auto sink = log::stderr_sink();
    write_numbered(*sink, 5000);
    const auto lines = lines_of(pipe.reading.get());
    CHECK(lines.size() == 5000);
}

TEST_CASE("a reader that has exited neither ends the process nor blocks it") {
    Ends pipe = pipe_with(0);
    pipe.reading.reset();
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(pipe.writing.get(), STDERR_FILENO);
        const auto sink = log::stderr_sink();
        const bool quick = write_numbered(*sink, 1000) < 1s;
        log::finish(100ms);
        ::_exit(quick ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

TEST_CASE("a child does not write its parent's kept lines, and both continue") {
    const Ends pipe = pipe_with(0);
    const StandardErrorIs caught(pipe.writing.get());
    const auto sink = log::stderr_sink();
    write_numbered(*sink, 2000);  // more than a pipe holds
    const pid_t child = ::fork();
    if (child == 0) {
        sink->write(log::normal, "the child's");
        log::finish(5s);
        ::_exit(0);
    }
    const auto lines = lines_of(pipe.reading.get());
    CHECK(lines.size() == 2001);
    CHECK(std::ranges::count(lines, "the child's") == 1);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
}

TEST_CASE("a file is written before the call returns") {
    const base::unique_fd file(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    REQUIRE(file);
    const StandardErrorIs caught(file.get());
    log::stderr_sink()->write(log::normal, "a");
    std::array<char, 8> text{};
    CHECK(::pread(file.get(), text.data(), text.size(), 0) == 2);
}

TEST_CASE("a standard error that is closed is survived") {
    const base::unique_fd saved(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
    ::close(STDERR_FILENO);
    const auto sink = log::stderr_sink();
    CHECK_NOTHROW(sink->write(log::error, "late"));
    ::dup2(saved.get(), STDERR_FILENO);
    log::finish(5s);
}

TEST_CASE("the memory sink keeps lines in order") {
    std::vector<std::string> lines;
    log::MemorySink sink(lines);
    sink.write(log::normal, "a");
    sink.write(log::error, "b");
    CHECK(lines == std::vector<std::string>{"a", "b"});
}
