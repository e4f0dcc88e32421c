// sqlgreyctl check: a Nagios plugin (Monitoring Plugins Development Guidelines: one line, performance data
// after '|', status 0 to 3).
#include "functions.hpp"
#include "listening.hpp"
#include "settings.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/log/logger.hpp"
#include "tables.hpp"

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace sqlgrey::ctl {
namespace {

using Clock = std::chrono::steady_clock;

enum class State { ok, warning, critical, unknown };  // exit statuses 0 to 3 of a plugin

constexpr const char* names[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

// Intervals without cleaning before check warns: a restart may cost one cleaning, an outage another.
constexpr int late_cleanings = 3;

struct Report {
    State state = State::ok;
    std::vector<std::string> faults{};
    std::string measured{};  // performance data

    void fault(State worse, const std::string& what) {
        state = std::max(state, worse);
        faults.push_back(what);
    }
    void measure(const std::string& label, const std::string& value) {
        measured += " " + label + "=" + value;
    }
};

std::string seconds_since(Clock::time_point start) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(4) << std::chrono::duration<double>(Clock::now() - start).count()
         << "s";
    return text.str();
}

void check_daemon(Report& report, const config::Settings& settings) {
    const auto start = Clock::now();
    const std::vector<std::string> silent = silent_endpoints(settings);
    report.measure("answer", seconds_since(start));
    if (!silent.empty()) report.fault(State::critical, "no answer at " + base::joined(silent, ", "));
}

// Without the database mail still flows, except with on_db_failure = defer, which defers all: critical.
void check_database(Report& report, const Invocation& invocation, const config::Settings& settings) {
    const auto start = Clock::now();
    try {
        const Tables tables = open_tables(invocation, store::AdministrationMode::look);
        const auto cleaned = cleaning_time(tables);
        report.measure("database", seconds_since(start));
        if (!cleaned) return;
        const auto age = base::SystemClock{}.now() - *cleaned;
        report.measure("cleaned", std::to_string(age.count()) + "s");
        if (age > late_cleanings * settings.db_cleandelay)
            report.fault(State::warning, "expired rows were last deleted " + std::to_string(age.count()) +
                                             " s ago, expected every " +
                                             std::to_string(settings.db_cleandelay.count()) + " s");
    } catch (const greylist::StoreFailure& error) {
        const bool defers = settings.on_db_failure == config::OnFailure::defer;
        report.fault(defers ? State::critical : State::warning, error.what());
    }
}

int print(const Report& report) {
    const auto state = static_cast<std::size_t>(report.state);
    const std::string what =
        report.faults.empty() ? "answers, its database is available" : base::joined(report.faults, "; ");
    // A '|' would start the performance data.
    std::string line = log::escape(what);
    std::ranges::replace(line, '|', '/');
    std::cout << "SQLGREY " << names[state] << ": " << line;
    if (!report.measured.empty()) std::cout << " |" << report.measured;
    std::cout << "\n";
    return static_cast<int>(state);
}

}  // namespace

int check(const Invocation& invocation) {
    Report report;
    try {
        const config::Settings settings = read_settings(invocation);
        check_daemon(report, settings);
        check_database(report, invocation, settings);
    } catch (const std::exception& error) {
        report.fault(State::unknown, error.what());
    }
    return print(report);
}

// The status of the other commands, 2, means CRITICAL to Nagios.
int refuse_check(const std::string& why) {
    Report report;
    report.fault(State::unknown, why + "; sqlgreyctl check --help");
    return print(report);
}

}  // namespace sqlgrey::ctl
