#include "sqlgrey/store/list_rows.hpp"

#include "cleaning.hpp"
#include "hosts.hpp"
#include "schema.hpp"
#include "session.hpp"
#include "sqlgrey/base/time_limit.hpp"

#include <algorithm>
#include <memory>
#include <mutex>

namespace sqlgrey::store {
namespace {

// A million rows are read in some seconds; requests do not wait for it.
constexpr base::Milliseconds visit_timeout{10'000};
constexpr std::size_t hits_at_once = 200;  // rows locked by one transaction

class SqlListRows final : public lists::Rows {
  public:
    explicit SqlListRows(Target target) : target_(std::move(target)) {
        target_.time_limit = visit_timeout;
        target_.replicas.clear();  // a row just inserted is in force within seconds
    }

    std::vector<lists::Row> read() override {
        std::vector<lists::Row> rows;
        guarded([&] {
            rows.clear();
            session_->prepared({StatementId::list_rows}).bind(now()).query([&](const Prepared& row) {
                rows.push_back({row.number(0).value_or(0), row.text(1), row.text(2)});
            });
        });
        return rows;
    }

    void count(std::span<const lists::HitCount> hits) override {
        // In the order of their keys: two workers that lock the same rows then lock them in the same order.
        std::vector<lists::HitCount> sorted(hits.begin(), hits.end());
        std::ranges::sort(sorted, {}, &lists::HitCount::id);
        for (std::size_t done = 0; done < sorted.size(); done += hits_at_once)
            count_some(std::span(sorted).subspan(done, std::min(hits_at_once, sorted.size() - done)));
    }

    void interrupt() noexcept override {
        const std::lock_guard lock(mutex_);
        if (session_) session_->interrupt();
    }

  private:
    void count_some(std::span<const lists::HitCount> hits) {
        guarded([&] {
            const long long time = now();
            session_->transaction([&] {
                Prepared& statement = session_->prepared({StatementId::count_hits});
                for (const lists::HitCount& hit : hits)
                    statement.bind(hit.hits).bind(time).bind(hit.id).change();
            });
        });
    }

    // What lasts until somebody acts, and concerns this table: of all else, such as a full disk, the
    // requests' sessions tell.
    static bool is_about_table(const greylist::StoreError& error) {
        using Fault = greylist::StoreError::Fault;
        return error.fault() == Fault::access || error.fault() == Fault::schema ||
               error.fault() == Fault::statement;
    }

    // False while a worker that has just started still makes or changes the tables, and where that failed: it
    // tells.
    bool are_tables_made() {
        bool made = false;
        try {
            session_->visit([&] { made = is_made(*session_); });
        } catch (const greylist::StoreFailure&) {
        }
        return made;
    }

    // A session that has failed is of no more use. Throws lists::RowsRefused, but not where it could not even
    // connect.
    void guarded(const std::function<void()>& visit) {
        if (!session_)
            set_session(open_first_good(target_, [](const Target& one) {
                return std::make_shared<Session>(one,
                                                 one.read_only ? Purpose::inspection : Purpose::requests);
            }));
        try {
            const base::TimeLimit limit(visit_timeout, [this] { session_->interrupt(); });
            session_->visit(visit);
        } catch (const greylist::StoreError& error) {
            const bool refused = is_about_table(error) && are_tables_made();
            close();
            if (refused) throw lists::RowsRefused(error.what());
            throw;
        } catch (const greylist::StoreFailure&) {
            close();
            throw;
        }
        // After somebody has corrected the rights of a SQLite file, a worker can write to it only when its
        // process has had no session on it for a moment: SQLite keeps what it found once for all of them.
        if (target_.database == Database::sqlite) set_session(nullptr);
    }

    void close() {
        session_->interrupt();  // closing it must not wait for an answer
        set_session(nullptr);
    }
    void set_session(std::shared_ptr<Session> session) {
        std::unique_lock lock(mutex_);
        std::swap(session_, session);
        lock.unlock();  // the old one closes its connection outside the lock
    }

    long long now() { return base::epoch(StoreClock(*session_, nullptr).now()); }

    Target target_;
    std::mutex mutex_;  // guards session_, which interrupt() reads
    std::shared_ptr<Session> session_;
};

}  // namespace

std::unique_ptr<lists::Rows> list_rows(Target target) {
    return std::make_unique<SqlListRows>(std::move(target));
}

}  // namespace sqlgrey::store
