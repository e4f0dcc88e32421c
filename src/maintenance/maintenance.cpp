#include "sqlgrey/maintenance/maintenance.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace sqlgrey::maintenance {
namespace {

constexpr base::Milliseconds longest_interval{10'000};  // from check to check
constexpr base::Milliseconds first_check{500};          // after the start or a failure
constexpr base::Milliseconds pause_after_failure{1000};
constexpr base::Milliseconds slice_pause{10};  // between two slices: others want to write too

// Slice after slice until none is left or it is time to stop; gives the number of rows.
std::int64_t in_slices(const std::function<std::int64_t()>& delete_slice, const Pause& pause) {
    std::int64_t total = 0;
    while (const std::int64_t gone = delete_slice()) {
        total += gone;
        if (!pause(slice_pause)) break;
    }
    return total;
}

void log_never_retried(const log::Logger& logger, const greylist::NeverRetried& row) {
    logger.write(log::Category::spam, log::normal,
                 row.src + ": " + row.sender_name + "@" + row.sender_domain + " -> " + row.rcpt + " at " +
                     row.first_seen);
}

}  // namespace

void clean_if_due(greylist::Cleaning& cleaning, const Ages& ages, const log::Logger& logger,
                  const Pause& pause) {
    if (!cleaning.claim(ages.cleaning_period)) return;
    const auto began = std::chrono::steady_clock::now();
    in_slices([&] { return cleaning.expire(greylist::AwlTable::expectation, base::Seconds{0}); }, pause);
    const std::int64_t from =
        in_slices([&] { return cleaning.expire(greylist::AwlTable::from_awl, ages.awl_age); }, pause);
    const std::int64_t domain =
        in_slices([&] { return cleaning.expire(greylist::AwlTable::domain_awl, ages.awl_age); }, pause);
    in_slices([&] { return cleaning.expire(greylist::AwlTable::client_awl, ages.awl_age); },
              pause);  // scripts know three numbers
    const std::int64_t connect = in_slices(
        [&] {
            return cleaning.expire_connect(ages.max_connect_age, [&](const greylist::NeverRetried& row) {
                log_never_retried(logger, row);
            });
        },
        pause);
    const auto spent = std::chrono::duration_cast<base::Seconds>(std::chrono::steady_clock::now() - began);
    logger.write(log::Category::perf, log::normal,
                 "spent " + std::to_string(spent.count()) + "s cleaning: from_awl (" + std::to_string(from) +
                     ") domain_awl (" + std::to_string(domain) + ") connect (" + std::to_string(connect) +
                     ")");
}

bool Cleaner::check(const Pause& pause) {
    try {
        if (!tables_) tables_ = open_();
        clean_if_due(*tables_, ages_, logger_, pause);
        return true;
    } catch (const greylist::StoreFailure& error) {
        log_failure(error);
        tables_.reset();
        return false;
    }
}

void Cleaner::run(const Pause& pause) {
    const base::Milliseconds interval = std::min<base::Milliseconds>(longest_interval, ages_.cleaning_period);
    while (pause(tables_ ? interval : first_check)) {
        if (!check(pause) && !pause(pause_after_failure)) return;
    }
}

// That the tables cannot be opened is reported by the workers, whatever the reason.
void Cleaner::log_failure(const greylist::StoreFailure& error) {
    const bool refused = tables_ && dynamic_cast<const greylist::StoreError*>(&error) != nullptr;
    const bool is_new = refused && std::exchange(reported_, error.what()) != error.what();
    logger_.write(log::Category::dbaccess, is_new ? log::error : log::verbose,
                  std::string{is_new ? "error: cleaning failed: " : "cleaning waits: "} + error.what());
}

}  // namespace sqlgrey::maintenance
