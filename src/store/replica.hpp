// A read-only copy of the database, for lookups (read_hosts). It may lag behind, be down or hang: it is used
// while it answers, and skipped when it does not. A thread reconnects, so no request waits for that.
#pragma once

#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/store/target.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace sqlgrey::store {

class Replica {
  public:
    // `target` is the primary's, with its replicas. Connects in the background. A replica whose lookup takes
    // longer than `lookup_timeout` is skipped until the thread has connected again.
    Replica(const Target& target, const base::Clock* clock, base::Milliseconds lookup_timeout);
    ~Replica();
    Replica(const Replica&) = delete;
    Replica& operator=(const Replica&) = delete;

    // Nothing if no replica answers. Does not throw StoreFailure.
    std::optional<greylist::Facts> look_up(std::span<const greylist::Triplet> triplets,
                                           const greylist::Policy& policy);
    // May be called from any thread: makes a look_up() that waits fail soon.
    void interrupt() noexcept;

  private:
    void keep_connected();
    std::shared_ptr<greylist::Store> connect_to_any();
    std::shared_ptr<greylist::Store> store() const;

    Target target_;
    const base::Clock* clock_;
    base::Milliseconds lookup_timeout_;
    std::size_t next_ = 0;  // the host to try next
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::shared_ptr<greylist::Store> store_;
    bool stop_ = false;
    std::thread thread_;
};

// Looks up in a replica and writes to the primary. Where a replica says that an auto-whitelist lets a sender
// pass, that is enough. Everything else is looked up again in the primary, so a replica that lags behind
// never makes a triplet start again.
std::unique_ptr<greylist::Store> with_replica(std::unique_ptr<greylist::Store> primary,
                                              std::unique_ptr<Replica> replica);

}  // namespace sqlgrey::store
