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

std::string caught_on_stderr(const std::function<void()>& act) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const base::unique_fd reading(ends[0]);
    base::unique_fd writing(ends[1]);
    const base::unique_fd saved(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
    ::dup2(writing.get(), STDERR_FILENO);
    act();
    ::dup2(saved.get(), STDERR_FILENO);
    writing.reset();

    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t n = 0; (n = ::read(reading.get(), buffer.data(), buffer.size())) > 0;) {
        text.append(buffer.data(), static_cast<std::size_t>(n));
    }
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
