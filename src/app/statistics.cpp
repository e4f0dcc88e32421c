#include "statistics.hpp"

#include "sqlgrey/metrics/daily.hpp"
#include "sqlgrey/metrics/page.hpp"
#include "sqlgrey/store/daily.hpp"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace sqlgrey::app {
namespace {

constexpr base::Milliseconds limit_of_last{1000};     // for each call: a stop must not take long
constexpr base::Milliseconds wait_for_workers{5000};  // the least time that they have to finish
constexpr base::Milliseconds look_for_workers{20};    // how often
constexpr base::Milliseconds pause_between_days{10};  // for other writers, while old rows are deleted
constexpr base::Seconds pause_after_failure{60};
constexpr std::size_t longest_host = 64;

// The host's name. Characters that no host name has become '_'.
std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "unknown";
    std::string host = std::string{name.data()}.substr(0, longest_host);
    const auto is_usual = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-' || c == '_';
    };
    for (char& c : host)
        if (!is_usual(c)) c = '_';
    return host;
}

std::chrono::sys_days today() {
    return base::local_date(base::SystemClock().now());
}

bool is_readable(int fd) {
    pollfd ready{fd, POLLIN, 0};
    return ::poll(&ready, 1, 0) > 0;
}

}  // namespace

Statistics::Statistics(const Generation& generation, metrics::Counters& counters,
                       const service::SharedOutage& outage)
    : generation_(generation), counters_(counters), outage_(outage), host_(host_name()) {
    counters_.daily.writer.set(::getpid());
}

// During a reload there are two maintenance children for a moment.
bool Statistics::is_writer() const {
    return counters_.daily.writer.value() == ::getpid();
}

void Statistics::check() {
    if (!is_writer()) return;
    const auto now = std::chrono::steady_clock::now();
    if (metrics::begin_day(counters_, today(), std::chrono::system_clock::now())) due_ = now;
    if (!is_wanted()) return metrics::days_are_written(counters_);
    if (now < due_ || outage_.since != 0) return;
    due_ = now + generation_.settings.stats_interval;
    write(generation_.target.time_limit);
}

void Statistics::finish(const process::ChildContext& child) {
    const bool stops = is_readable(child.stop);
    if (!stops || !is_writer() || !is_wanted()) return;
    const auto end = std::chrono::steady_clock::now() + wait_for_workers;
    while (metrics::living_workers(counters_) > 0 && !is_readable(child.channel.get()) &&
           std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(look_for_workers);
    if (outage_.since == 0) write(limit_of_last);
}

void Statistics::write(base::Milliseconds limit) {
    store::Target target = generation_.target;
    target.replicas.clear();
    target.time_limit = std::min(limit, target.time_limit);
    try {
        const auto tables = store::open_daily_tables(target);
        const auto days = metrics::unwritten_days(counters_);
        tables->put(host_, days);
        metrics::days_are_written(counters_);
        reported_.clear();
        if (std::exchange(cleaned_, today()) == today()) return;
        const std::string oldest =
            base::iso_date(today() - std::chrono::ceil<std::chrono::days>(generation_.settings.stats_age));
        while (tables->forget_oldest(oldest)) std::this_thread::sleep_for(pause_between_days);
    } catch (const greylist::StoreFailure& error) {
        log_failure(error);
        due_ = std::min(due_, std::chrono::steady_clock::now() + pause_after_failure);
    }
}

// The workers report a database that is unavailable.
void Statistics::log_failure(const greylist::StoreFailure& error) {
    const bool refused = dynamic_cast<const greylist::StoreError*>(&error) != nullptr;
    const bool is_new = refused && std::exchange(reported_, error.what()) != error.what();
    generation_.logger->write(
        log::Category::dbaccess, is_new ? log::error : log::verbose,
        is_new ? std::string{"error: daily statistics are not written (stats_interval): "} + error.what()
               : std::string{"daily statistics wait: "} + error.what());
}

}  // namespace sqlgrey::app
