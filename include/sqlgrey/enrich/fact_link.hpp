// The resolver's session with the database. While there is none, facts are not stored, and nothing else
// happens: workers have sessions and outages of their own.
#pragma once

#include "sqlgrey/greylist/fact_store.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/log/logger.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace sqlgrey::enrich {

// For one thread.
class FactLink {
  public:
    using Clock = std::chrono::steady_clock;
    // Returns a new session or throws greylist::StoreFailure.
    using Open = std::function<std::unique_ptr<greylist::FactStore>()>;

    // The logger must outlive it.
    FactLink(Open open, const log::Logger& logger) : open_(std::move(open)), logger_(logger) {}

    // Runs `visit` with the session, which is opened for the first visit. If that session fails, a new one
    // takes the visit. False if there is none, or it fails too: the first such failure is logged, and the
    // next visit that succeeds; sessions are then opened not more often than after a pause that doubles from
    // 1 s to 60 s. So a visit may run twice, and should do nothing before its first call of the store.
    using Visit = std::function<void(greylist::FactStore&)>;
    bool visit(const Visit& visit);

    // False while the pause after a failure lasts.
    bool is_due() const { return Clock::now() >= due_; }

  private:
    bool visited_with_old_session(const Visit& visit);
    void failed(const greylist::StoreFailure& failure);
    void worked();

    Open open_;
    const log::Logger& logger_;
    std::unique_ptr<greylist::FactStore> store_;
    Clock::time_point due_{};
    base::Seconds pause_{0};
    std::optional<Clock::time_point> failing_since_;
};

}  // namespace sqlgrey::enrich
