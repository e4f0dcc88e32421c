// What really leaves the process by standard error, caught in a pipe.
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/log/logger.hpp"

#include <array>
#include <functional>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

using namespace sqlgrey;

namespace {

// One text for each system call: a pipe in packet mode (O_DIRECT, see pipe(2)).
std::vector<std::string> writes_on_stderr(const std::function<void()>& act) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_DIRECT) == 0);
    const base::unique_fd reading(ends[0]);
    base::unique_fd writing(ends[1]);
    const base::unique_fd saved(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
    ::dup2(writing.get(), STDERR_FILENO);
    act();
    ::dup2(saved.get(), STDERR_FILENO);
    writing.reset();

    std::vector<std::string> writes;
    std::array<char, 4096> buffer{};
    for (ssize_t n = 0; (n = ::read(reading.get(), buffer.data(), buffer.size())) > 0;)
        writes.emplace_back(buffer.data(), static_cast<std::size_t>(n));
    return writes;
}

std::string caught_on_stderr(const std::function<void()>& act) {
    std::string text;
    for (const std::string& write : writes_on_stderr(act)) text += write;
    return text;
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

TEST_CASE("a logger that keeps its lines writes them when it goes, as wanted and escaped as ever") {
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

TEST_CASE("a standard error that is closed is survived") {
    const base::unique_fd saved(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
    ::close(STDERR_FILENO);
    const auto sink = log::stderr_sink();
    CHECK_NOTHROW(sink->write(log::error, "lost"));
    ::dup2(saved.get(), STDERR_FILENO);
}

TEST_CASE("the memory sink keeps lines in order") {
    std::vector<std::string> lines;
    log::MemorySink sink(lines);
    sink.write(log::normal, "a");
    sink.write(log::error, "b");
    CHECK(lines == std::vector<std::string>{"a", "b"});
}
