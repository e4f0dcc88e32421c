#include "sqlgrey/maintenance/maintenance.hpp"

#include "sqlgrey/greylist/identities.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace sqlgrey::maintenance {
namespace {

constexpr base::Milliseconds longest_interval{10'000};  // between checks
constexpr base::Milliseconds first_check{500};          // after the start, or after a failure
constexpr base::Milliseconds pause_after_failure{1000};
constexpr std::size_t most_pools_at_once = 64;
// Organisations that are counted, about 10 MB. More than that means names made up for the purpose, since each
// costs somebody a domain; then new ones are not counted until the counts of old ones have halved to nothing.
constexpr std::size_t most_pools = 100'000;
constexpr base::Milliseconds slice_pause{10};  // between slices, for other writers

// Deletes slices until nothing is left or `pause` returns false; returns the number of rows.
std::int64_t in_slices(const std::function<std::int64_t()>& delete_slice, const Pause& pause) {
    std::int64_t total = 0;
    while (const std::int64_t gone = delete_slice()) {
        total += gone;
        if (!pause(slice_pause)) break;
    }
    return total;
}

std::int64_t counted(base::Counter& counter, std::int64_t rows) {
    counter.add(static_cast<std::uint64_t>(rows));
    return rows;
}

void log_never_retried(const log::Logger& logger, const greylist::NeverRetried& row) {
    logger.write(log::Category::spam, log::normal,
                 row.src + ": " + row.sender_name + "@" + row.sender_domain + " -> " + row.rcpt + " at " +
                     row.first_seen);
}

using NeverByPool = std::map<std::string, std::int64_t>;

bool is_of_pool(const greylist::NeverRetried& row) {
    return row.src.starts_with('@');  // no other identity does
}

// The first attempts that the rows were written for, each once: without greylist::is_second_row(), and
// without the second row that a pool's letter has under the identity of its client (greylist::decide over
// identities).
std::vector<const greylist::NeverRetried*> first_attempts(std::span<const greylist::NeverRetried> rows) {
    const auto letter = [](const greylist::NeverRetried& row) {
        return std::tie(row.first_seen, row.sender_domain, row.sender_name, row.rcpt);
    };
    std::set<decltype(letter(rows.front()))> of_pools;
    for (const greylist::NeverRetried& row : rows)
        if (is_of_pool(row)) of_pools.insert(letter(row));
    std::vector<const greylist::NeverRetried*> found;
    for (const greylist::NeverRetried& row : rows)
        if (!greylist::is_second_row(row.src) && (is_of_pool(row) || !of_pools.contains(letter(row))))
            found.push_back(&row);
    return found;
}

void count_never_retried(NeverByPool& never, const greylist::NeverRetried& row) {
    if (!is_of_pool(row)) return;
    if (never.size() < most_pools || never.contains(row.src)) ++never[row.src];
}

std::string of_so_many(const greylist::PoolCount& count) {
    return std::to_string(count.never_came_back) + " first attempts did not come back, " +
           std::to_string(count.came_back) + " rows in the auto-whitelists";
}

void log_crowd(const log::Logger& logger, const greylist::CountedPool& pool) {
    const std::string text = pool.is_crowd ? " are a crowd, and count by greymethod: "
                                           : " are no longer a crowd, and count as one: ";
    logger.write(log::Category::grey, log::normal,
                 "pool: clients of " + pool.src + text + of_so_many(pool.count));
}

// Updates the counts of organisations: adds the first attempts that, since the last cleaning, have expired
// without a retry, and marks crowds.
class Recount {
  public:
    Recount(greylist::Cleaning& cleaning, NeverByPool never, const Ages& ages, const log::Logger& logger)
        : cleaning_(cleaning), never_(std::move(never)), ages_(ages), logger_(logger), now_(cleaning.now()) {}

    // First all that are counted already, because halving their counts is how a crowd recovers; then new
    // ones.
    void run(const Pause& pause) {
        std::vector<greylist::CountedPool> pools = cleaning_.counted_pools();
        const std::size_t room = most_pools - std::min(most_pools, pools.size());
        if (!write_in_slices(pools, pause)) return;
        pools.clear();
        for (const auto& [src, count] : never_) {
            if (pools.size() == room) break;
            pools.push_back({src, {0, 0, now_}});
        }
        write_in_slices(pools, pause);
    }

  private:
    bool write_in_slices(std::span<const greylist::CountedPool> pools, const Pause& pause) {
        for (; !pools.empty(); pools = pools.subspan(std::min(most_pools_at_once, pools.size()))) {
            std::vector<greylist::CountedPool> changed;
            for (const greylist::CountedPool& pool : pools.first(std::min(most_pools_at_once, pools.size())))
                if (const greylist::CountedPool now = recounted(pool); now != pool) changed.push_back(now);
            if (!changed.empty()) cleaning_.put_counted_pools(changed);
            if (!pause(slice_pause)) return false;
        }
        return true;
    }

    greylist::CountedPool recounted(greylist::CountedPool pool) {
        const bool was_crowd = pool.is_crowd;
        const auto added = never_.extract(pool.src);
        pool.count = greylist::halved(pool.count, now_);
        if (!added.empty()) pool.count.never_came_back += added.mapped();
        // Counting rows may be slow, so they are counted again only where the result may change.
        if (!added.empty() || was_crowd) pool.count.came_back = cleaning_.came_back(pool.src);
        pool.is_crowd = greylist::is_crowd(pool.count, ages_.pool_crowd);
        if (pool.is_crowd != was_crowd) log_crowd(logger_, pool);
        return pool;
    }

    greylist::Cleaning& cleaning_;
    NeverByPool never_;
    const Ages& ages_;
    const log::Logger& logger_;
    base::Time now_;
};

}  // namespace

void clean_if_due(greylist::Cleaning& cleaning, const Ages& ages, Counters& counters,
                  const log::Logger& logger, const Pause& pause) {
    if (!cleaning.claim(ages.cleaning_period)) return;
    const auto began = std::chrono::steady_clock::now();
    const auto expire = [&](greylist::AwlTable table, base::Seconds age) {
        return in_slices([&] { return counted(counters.expired_of(table), cleaning.expire(table, age)); },
                         pause);
    };
    for (const auto table :
         {greylist::AwlTable::expectation, greylist::AwlTable::fact, greylist::AwlTable::spf_network})
        expire(table, base::Seconds{0});
    const std::int64_t from = expire(greylist::AwlTable::from_awl, ages.awl_age);
    const std::int64_t domain = expire(greylist::AwlTable::domain_awl, ages.awl_age);
    expire(greylist::AwlTable::client_awl, ages.awl_age);  // not in the log line, which scripts parse
    expire(greylist::AwlTable::pool, ages.awl_age);
    NeverByPool never;
    const auto tell = [&](std::span<const greylist::NeverRetried> rows) {
        for (const greylist::NeverRetried* row : first_attempts(rows)) {
            log_never_retried(logger, *row);
            counters.never_retried.add();
            count_never_retried(never, *row);
        }
    };
    const std::int64_t connect = in_slices(
        [&] {
            return counted(counters.expired_of_connect(),
                           cleaning.expire_connect(ages.max_connect_age, tell));
        },
        pause);
    Recount(cleaning, std::move(never), ages, logger).run(pause);
    const auto spent = std::chrono::duration_cast<base::Seconds>(std::chrono::steady_clock::now() - began);
    logger.write(log::Category::perf, log::normal,
                 "spent " + std::to_string(spent.count()) + "s cleaning: from_awl (" + std::to_string(from) +
                     ") domain_awl (" + std::to_string(domain) + ") connect (" + std::to_string(connect) +
                     ")");
    counters.cleaned_at.set(base::epoch(base::SystemClock().now()));
    // Last, because it fails where the daemon has no right to delete entries of lists.
    expire(greylist::AwlTable::lists, base::Seconds{0});
}

bool Cleaner::check(const Pause& pause) {
    try {
        if (!tables_) tables_ = open_();
        clean_if_due(*tables_, ages_, counters_, logger_, pause);
        return true;
    } catch (const greylist::StoreFailure& error) {
        log_failure(error);
        tables_.reset();
        return false;
    }
}

void Cleaner::run(const Pause& pause, const std::function<void(bool)>& checked) {
    const base::Milliseconds interval = std::min<base::Milliseconds>(longest_interval, ages_.cleaning_period);
    while (pause(tables_ ? interval : first_check)) {
        const bool good = check(pause);
        checked(good);
        if (!good && !pause(pause_after_failure)) return;
    }
}

// Failures to open the tables are reported by the workers, whatever the reason.
void Cleaner::log_failure(const greylist::StoreFailure& error) {
    const bool refused = tables_ && dynamic_cast<const greylist::StoreError*>(&error) != nullptr;
    const bool is_new = refused && std::exchange(reported_, error.what()) != error.what();
    logger_.write(log::Category::dbaccess, is_new ? log::error : log::verbose,
                  std::string{is_new ? "error: cleaning failed: " : "cleaning waits: "} + error.what());
}

}  // namespace sqlgrey::maintenance
