#include "sqlgrey/store/daily.hpp"

#include "hosts.hpp"
#include "opening.hpp"
#include "session.hpp"
#include "statement_check.hpp"
#include "tables/daily_rows.hpp"

namespace sqlgrey::store {
namespace {

class SqlDailyTables final : public greylist::DailyTables {
  public:
    explicit SqlDailyTables(const Target& target)
        : limit_(target.time_limit), session_(open_extra(target, Extra::statistics)) {
        bounded([&] { session_->visit([&] { check_statements(*session_, Use::statistics); }); });
    }

    void put(const std::string& host, std::span<const greylist::DailyCounts> all) override {
        bounded([&] {
            session_->transaction([&] {
                for (const greylist::DailyCounts& counts : all) write_daily(*session_, host, counts);
            });
        });
    }

    bool forget_oldest(const std::string& before_day) override {
        bool found = false;
        bounded([&] { session_->transaction([&] { found = forget_oldest_day(*session_, before_day); }); });
        return found;
    }

  private:
    void bounded(const std::function<void()>& body) { session_->within(limit_, body); }

    base::Milliseconds limit_;
    std::unique_ptr<Session> session_;
};

}  // namespace

std::unique_ptr<greylist::DailyTables> open_daily_tables(const Target& target) {
    return open_first_good(target, [](const Target& one) { return std::make_unique<SqlDailyTables>(one); });
}

}  // namespace sqlgrey::store
