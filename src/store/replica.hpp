// A read-only copy of the database, for look-ups (db_cluster). It may be late, dead or frozen: it is used
// while it answers, left out when it does not, and tried again in the background, never by a request.
#pragma once

#include "sqlgrey/store/sql_store.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace sqlgrey::store {

class Replica {
  public:
    // `target`: the primary's, with its replicas. Connects in the background. One that takes longer than
    // `lookup_timeout` for a look-up is left out.
    Replica(const Target& target, const base::Clock* clock, base::Milliseconds lookup_timeout);
    ~Replica();
    Replica(const Replica&) = delete;
    Replica& operator=(const Replica&) = delete;

    // What a replica knows; nothing if none answers now. Never throws for a database.
    std::optional<greylist::Facts> look_up(std::span<const greylist::Triplet> triplets,
                                           const greylist::Policy& policy);
    // From another thread.
    void interrupt() noexcept;

  private:
    void keep_connected();
    std::shared_ptr<SqlStore> connect_to_any();
    std::shared_ptr<SqlStore> store() const;

    Target target_;
    const base::Clock* clock_;
    base::Milliseconds lookup_timeout_;
    std::size_t next_ = 0;  // of the hosts: the one to be tried
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::shared_ptr<SqlStore> store_;
    bool stop_ = false;
    std::thread thread_;
};

// Look-ups by a replica, writes to the primary. A replica is believed when it says that a sender is in an
// auto-white-list; whatever leads to a new or a moved row the primary is asked about first, so a replica that
// is late never makes a triplet new twice.
std::unique_ptr<SqlStore> with_replica(std::unique_ptr<SqlStore> primary, std::unique_ptr<Replica> replica);

}  // namespace sqlgrey::store
