#include "sqlgrey/store/list_rows.hpp"

#include "hosts.hpp"
#include "schema.hpp"
#include "session.hpp"
#include "store_clock.hpp"

#include <algorithm>
#include <memory>
#include <mutex>

namespace sqlgrey::store {
namespace {

// Reading a million rows takes some seconds; no request waits for it.
constexpr base::Milliseconds visit_timeout{10'000};
constexpr std::size_t hits_at_once = 200;  // rows locked by one transaction

class SqlListRows final : public lists::Rows {
  public:
    explicit SqlListRows(Target target) : target_(std::move(target)) {
        target_.time_limit = visit_timeout;
        target_.replicas.clear();  // a replica may lag, but a new row must be in force within seconds
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
        // In the order of their keys, so that two workers lock the same rows in the same order.
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
            const std::int64_t time = now();
            session_->transaction([&] {
                Prepared& statement = session_->prepared({StatementId::count_hits});
                for (const lists::HitCount& hit : hits)
                    statement.bind(hit.hits).bind(time).bind(hit.id).change();
            });
        });
    }

    // An error of this table that lasts until an administrator acts. Others, such as a full disk, are logged
    // by the session for requests.
    static bool is_about_table(const greylist::StoreError& error) {
        using Fault = greylist::StoreError::Fault;
        return error.fault() == Fault::access || error.fault() == Fault::schema ||
               error.fault() == Fault::statement;
    }

    // False while a worker that has just started is making or changing the tables, or has failed to, which it
    // logs.
    bool are_tables_made() {
        bool made = false;
        try {
            session_->visit([&] { made = is_made(*session_); });
        } catch (const greylist::StoreFailure&) {
        }
        return made;
    }

    // Opens a session if there is none, and closes it after a failure. Throws lists::RowsRefused only if it
    // could connect.
    void guarded(const std::function<void()>& visit) {
        if (!session_)
            set_session(open_first_good(target_, [](const Target& one) {
                return std::make_shared<Session>(one,
                                                 one.read_only ? Purpose::inspection : Purpose::requests);
            }));
        try {
            session_->within(visit_timeout, [&] { session_->visit(visit); });
        } catch (const greylist::StoreError& error) {
            const bool refused = is_about_table(error) && are_tables_made();
            close();
            if (refused) throw lists::RowsRefused(error.what());
            throw;
        } catch (const greylist::StoreFailure&) {
            close();
            throw;
        }
        // SQLite remembers for a whole process that a file could not be written to, as long as any session
        // has it open. So this session is closed each time: when the file's permissions are corrected, the
        // worker can write.
        if (target_.database == Database::sqlite) set_session(nullptr);
    }

    void close() {
        session_->interrupt();  // so that closing does not wait for an answer
        set_session(nullptr);
    }
    void set_session(std::shared_ptr<Session> session) {
        std::unique_lock lock(mutex_);
        std::swap(session_, session);
        lock.unlock();  // the old one closes its connection outside the lock
    }

    std::int64_t now() { return base::epoch(StoreClock(*session_, nullptr).now()); }

    Target target_;
    std::mutex mutex_;  // guards session_, which interrupt() reads
    std::shared_ptr<Session> session_;
};

}  // namespace

std::unique_ptr<lists::Rows> list_rows(Target target) {
    return std::make_unique<SqlListRows>(std::move(target));
}

}  // namespace sqlgrey::store
