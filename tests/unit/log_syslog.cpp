// What the syslog sink asks of syslog(3). This file puts its own openlog and syslog in the place of
// the C library's, so that no test writes to the log of the machine.
#undef _FORTIFY_SOURCE  // else <syslog.h> brings a syslog of its own
#include "sqlgrey/log/logger.hpp"

#include <array>
#include <cstdarg>
#include <cstdio>

#include <catch2/catch.hpp>
#include <syslog.h>

namespace {

struct Calls {
    const char* ident = nullptr;
    int options = -1;
    int facility = -1;
    std::vector<std::pair<int, std::string>> lines;
};

Calls& calls() {
    static Calls all;
    return all;
}

void keep(int priority, const char* format, std::va_list arguments) {
    std::array<char, 4096> text{};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    calls().lines.emplace_back(priority, text.data());
}

}  // namespace

extern "C" {

void openlog(const char* ident, int options, int facility) {
    calls().ident = ident;
    calls().options = options;
    calls().facility = facility;
}

void closelog() {
    calls().ident = nullptr;
}

void syslog(int priority, const char* format, ...) {
    std::va_list arguments;
    va_start(arguments, format);
    keep(priority, format, arguments);
    va_end(arguments);
}

// What the sink calls when it is compiled with _FORTIFY_SOURCE.
void __syslog_chk(int priority, int, const char* format, ...) {
    std::va_list arguments;
    va_start(arguments, format);
    keep(priority, format, arguments);
    va_end(arguments);
}

}  // extern "C"

using namespace sqlgrey;

TEST_CASE("syslog gets the facility mail, the ident and no pid") {
    calls() = {};
    const auto sink = log::syslog_sink("greyhound");
    CHECK(calls().ident == std::string("greyhound"));
    CHECK(calls().facility == LOG_MAIL);
    CHECK((calls().options & LOG_PID) == 0);
}

TEST_CASE("without an ident syslog takes the program's name") {
    calls() = {};
    const auto sink = log::syslog_sink("");
    CHECK(calls().ident == nullptr);
}

TEST_CASE("levels become the severities of syslog") {
    calls() = {};
    const auto sink = log::syslog_sink("greyhound");
    for (const int level : {-1, 0, 1, 2, 3, 4, 5}) sink->write(level, "a");
    std::vector<int> severities;
    for (const auto& [priority, line] : calls().lines) severities.push_back(priority);
    CHECK(severities ==
          std::vector<int>{LOG_ERR, LOG_ERR, LOG_WARNING, LOG_INFO, LOG_INFO, LOG_DEBUG, LOG_DEBUG});
}

TEST_CASE("a line is text to syslog, not a format") {
    calls() = {};
    const auto sink = log::syslog_sink("greyhound");
    sink->write(log::normal, std::string_view("grey: new: %s%n%m-cut").substr(0, 17));
    REQUIRE(calls().lines.size() == 1);
    CHECK(calls().lines[0].second == "grey: new: %s%n%m");
}

TEST_CASE("the ident stays when the sink of the old settings goes after the new one has come") {
    calls() = {};
    auto old_sink = log::syslog_sink("an-ident-too-long-for-the-short-string-buffer");
    auto new_sink = log::syslog_sink("another-ident-too-long-for-the-short-string-buffer");
    old_sink.reset();
    CHECK(calls().ident == std::string("another-ident-too-long-for-the-short-string-buffer"));
    new_sink.reset();
    CHECK(calls().ident == std::string("another-ident-too-long-for-the-short-string-buffer"));
}
