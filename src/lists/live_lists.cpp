// The thread that keeps the lists up to date, and the pointer to them that it shares with all other threads.
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

constexpr int share = 20;  // the pause is at least 20 times as long as reading took
constexpr base::Milliseconds longest_reading{3'600'000};
constexpr base::Seconds longest_end{1};
constexpr std::int64_t no_row = -1;  // the id of no row

}  // namespace

class LiveLists::Refresher {
  public:
    Refresher(std::shared_ptr<const Lists> statics, const std::string& conf_dir, std::unique_ptr<Rows> rows,
              const log::Logger& logger, Pace pace, OnPublish on_publish)
        : statics_(std::move(statics)),
          rows_(std::move(rows)),
          logger_(logger),
          pace_(pace),
          on_publish_(std::move(on_publish)) {
        for (const ListName name : all_list_names) files_.emplace_back(name, local_path_of(conf_dir, name));
        // Writing no hits at the start shows whether hits can be written. Only one worker logs it.
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
    void hit(std::int64_t row_id) { hits_.add(row_id); }

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

    // A step may fail, for example because memory ran out: what was read before remains in effect, and the
    // next round tries again.
    void guarded(std::string& told, auto step) {
        try {
            step();
            told.clear();
        } catch (const std::exception& error) {
            tell(told, error);
        }
    }

    // No exception may leave the thread. If there is no memory even for this line, it is not written.
    void tell(std::string& told, const std::exception& error) noexcept {
        try {
            const std::string why = base::reason_of(error);
            if (told == why) return;
            told = why;
            logger_.write(log::Category::system, log::error, "cannot refresh the lists: " + told);
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

    // The pause between reads is counted in rounds of the thread.
    void keep_rows() {
        if (!rows_ || rounds_until_rows_-- > 0) return;
        rounds_until_rows_ = rounds_in(pace_.rows);  // in case the rest throws
        const auto begin = steady_clock::now();
        is_fresh_ = !row_lists_.read(*rows_, logger_) && is_fresh_;
        if (!is_fresh_) publish();
        const auto took = std::chrono::ceil<base::Milliseconds>(steady_clock::now() - begin);
        rounds_until_rows_ = rounds_in(std::max(pace_.rows, share * std::min(took, longest_reading)));
        if (!row_lists_.is_away()) flush_hits();
    }

    // The number of rounds to skip for that pause.
    std::int64_t rounds_in(base::Milliseconds pause) const {
        return std::max<std::int64_t>((pause + pace_.files - base::Milliseconds{1}) / pace_.files, 1) - 1;
    }

    void flush_hits() {
        const std::vector<HitCount> counts = hits_.take();
        if (counts.empty() || !rows_) return;
        try {
            rows_->count(counts);
            hits_trouble_.over(logger_);
            return;
        } catch (const RowsRefused& refused) {
            hits_trouble_.refused(refused.what(), "the lists are in effect nevertheless", logger_);
        } catch (const std::runtime_error& error) {
            hits_trouble_.outage(error.what(), "they are kept until then", logger_);
        }
        for (const HitCount& count : counts) hits_.add(count.id, count.hits);
    }

    void publish() {
        std::vector<std::shared_ptr<const List>> more;
        for (const LocalFile& file : files_) more.push_back(file.list());
        more.insert(more.end(), row_lists_.lists().begin(), row_lists_.lists().end());
        std::shared_ptr<const Lists> fresh = std::make_shared<const Lists>(statics_->with(more));
        if (on_publish_) on_publish_(*fresh);
        std::unique_lock lock(mutex_);
        now_.swap(fresh);
        lock.unlock();  // the old snapshot may be large: it is destroyed outside the lock
        is_fresh_ = true;
    }

    std::shared_ptr<const Lists> statics_;
    std::unique_ptr<Rows> rows_;
    const log::Logger& logger_;
    Pace pace_;
    OnPublish on_publish_;

    // Used by the constructor, then only by the thread.
    std::vector<LocalFile> files_;
    RowLists row_lists_;
    RowsTrouble hits_trouble_{"hits on the lists in the database cannot be written",
                              "hits on the lists in the database are written again"};
    std::int64_t rounds_until_rows_ = 0;
    bool is_fresh_ = true;  // everything that was read is published
    std::string told_of_files_;
    std::string told_of_rows_;
    std::string told_of_hits_;

    mutable std::mutex mutex_;  // for now_
    std::shared_ptr<const Lists> now_;
    Hits hits_;
    base::EventFd end_;  // signalled when the thread must end
    std::thread thread_;
};

LiveLists::LiveLists(std::shared_ptr<const Lists> statics, const std::string& conf_dir,
                     std::unique_ptr<Rows> rows, const log::Logger& logger, Pace pace, OnPublish on_publish)
    : refresher_(std::make_unique<Refresher>(std::move(statics), conf_dir, std::move(rows), logger, pace,
                                             std::move(on_publish))) {
}

LiveLists::~LiveLists() = default;

std::shared_ptr<const Lists> LiveLists::now() const {
    return refresher_->now();
}

void LiveLists::hit(std::int64_t row_id) {
    refresher_->hit(row_id);
}

}  // namespace sqlgrey::lists
