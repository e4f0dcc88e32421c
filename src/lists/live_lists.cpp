// The thread that keeps the lists fresh, and the one pointer it shares with all others.
#include "sqlgrey/lists/live_lists.hpp"

#include "file.hpp"
#include "hits.hpp"
#include "local_file.hpp"
#include "row_lists.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/event_fd.hpp"
#include "sqlgrey/base/quiet_thread.hpp"
#include "sqlgrey/base/time_limit.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>

namespace sqlgrey::lists {
namespace {

using std::chrono::steady_clock;

constexpr int share = 20;  // reading may take one part in so many, and one, of the time
constexpr base::Milliseconds longest_reading{3'600'000};
constexpr base::Seconds longest_end{1};
constexpr long long no_row = -1;  // the id of no row

}  // namespace

class LiveLists::Refresher {
  public:
    Refresher(std::shared_ptr<const Lists> statics, const std::string& conf_dir, std::unique_ptr<Rows> rows,
              const log::Logger& logger, Pace pace)
        : statics_(std::move(statics)), rows_(std::move(rows)), logger_(logger), pace_(pace) {
        for (const ListName name : all_list_names) files_.emplace_back(name, local_path_of(conf_dir, name));
        // Whether hits can be written is to be known before there are any, and to the one worker that tells
        // it.
        if (rows_) hits_.add(no_row, 0);
        refresh_files(level_of_news(true));
        publish();
        thread_ = base::quiet_thread([this] { work(); });
    }
    ~Refresher() {
        end_.signal();
        const base::TimeLimit limit(longest_end, [this] {
            if (rows_) rows_->interrupt();
        });
        thread_.join();
    }
    Refresher(const Refresher&) = delete;
    Refresher& operator=(const Refresher&) = delete;

    std::shared_ptr<const Lists> now() const {
        const std::lock_guard lock(mutex_);
        return now_;
    }
    void hit(long long row_id) { hits_.add(row_id); }

  private:
    void work() {
        while (!end_.is_signalled()) {
            guarded(told_of_rows_, [this] { keep_rows(); });
            end_.wait(pace_.files);
            if (end_.is_signalled()) break;
            guarded(told_of_files_, [this] { keep_files(); });
        }
        guarded(told_of_hits_, [this] { flush_hits(); });
    }

    // Without memory, say: what was read before stays in force, and the next round may find more.
    void guarded(std::string& told, auto step) {
        try {
            step();
            told.clear();
        } catch (const std::exception& error) {
            tell(told, error);
        }
    }

    // Nothing may leave the thread: without memory even for this there is no line.
    void tell(std::string& told, const std::exception& error) noexcept {
        try {
            const std::string why = base::reason_of(error);
            if (told == why) return;
            told = why;
            logger_.write(log::Category::system, log::error, "the lists could not be read again: " + told);
        } catch (const std::exception&) {
            told.clear();
        }
    }

    void refresh_files(log::Level news) {
        for (LocalFile& file : files_) is_fresh_ = !file.refresh(logger_, news) && is_fresh_;
    }

    void keep_files() {
        refresh_files(level_of_news(false));
        if (!is_fresh_) publish();
    }

    // Counted in rounds of the thread, not by the clock, which may be set.
    void keep_rows() {
        if (!rows_ || rounds_until_rows_-- > 0) return;
        rounds_until_rows_ = rounds_in(pace_.rows);  // if what follows throws
        const auto begin = steady_clock::now();
        is_fresh_ = !row_lists_.read(*rows_, logger_) && is_fresh_;
        if (!is_fresh_) publish();
        const auto took = std::chrono::ceil<base::Milliseconds>(steady_clock::now() - begin);
        rounds_until_rows_ = rounds_in(std::max(pace_.rows, share * std::min(took, longest_reading)));
        if (!row_lists_.is_away()) flush_hits();
    }

    // Without the round that comes in any case.
    long long rounds_in(base::Milliseconds pause) const {
        return std::max<long long>((pause + pace_.files - base::Milliseconds{1}) / pace_.files, 1) - 1;
    }

    void flush_hits() {
        const std::vector<HitCount> counts = hits_.take();
        if (counts.empty() || !rows_) return;
        try {
            rows_->count(counts);
            hits_trouble_.over(logger_);
            return;
        } catch (const RowsRefused& refused) {
            hits_trouble_.refused(refused.what(), "the lists count all the same", logger_);
        } catch (const std::runtime_error& error) {
            hits_trouble_.outage(error.what(), "they wait", logger_);
        }
        for (const HitCount& count : counts) hits_.add(count.id, count.hits);
    }

    void publish() {
        std::vector<std::shared_ptr<const List>> more;
        for (const LocalFile& file : files_) more.push_back(file.list());
        more.insert(more.end(), row_lists_.lists().begin(), row_lists_.lists().end());
        std::shared_ptr<const Lists> fresh = std::make_shared<const Lists>(statics_->with(more));
        std::unique_lock lock(mutex_);
        now_.swap(fresh);
        lock.unlock();  // the old one may be large, and goes outside the lock
        is_fresh_ = true;
    }

    std::shared_ptr<const Lists> statics_;
    std::unique_ptr<Rows> rows_;
    const log::Logger& logger_;
    Pace pace_;

    // The constructor's until the thread runs, then the thread's.
    std::vector<LocalFile> files_;
    RowLists row_lists_;
    RowsTrouble hits_trouble_{"hits on the lists in the database cannot be written",
                              "hits on the lists in the database are written again"};
    long long rounds_until_rows_ = 0;
    bool is_fresh_ = true;  // what has been read is published
    std::string told_of_files_;
    std::string told_of_rows_;
    std::string told_of_hits_;

    mutable std::mutex mutex_;  // for the one below
    std::shared_ptr<const Lists> now_;
    Hits hits_;
    base::EventFd end_;  // signalled when the thread is to end
    std::thread thread_;
};

LiveLists::LiveLists(std::shared_ptr<const Lists> statics, const std::string& conf_dir,
                     std::unique_ptr<Rows> rows, const log::Logger& logger, Pace pace)
    : refresher_(std::make_unique<Refresher>(std::move(statics), conf_dir, std::move(rows), logger, pace)) {
}

LiveLists::~LiveLists() = default;

std::shared_ptr<const Lists> LiveLists::now() const {
    return refresher_->now();
}

void LiveLists::hit(long long row_id) {
    refresher_->hit(row_id);
}

}  // namespace sqlgrey::lists
