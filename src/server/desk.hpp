// The desk: the one thread of a worker that may be blocked by the database.
//
// It takes one batch at a time and rings `back` when it is done. While the Handler is not
// available and nothing is to be done it calls recover() every half second; it begins with one.
// Used by the loop thread. The desk thread has all signals blocked.
#pragma once

#include "poller.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/server/handler.hpp"

#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace sqlgrey::server {

class Desk {
  public:
    // Shared, so that a batch that is late can be answered by the loop while the desk still reads it.
    using Batch = std::shared_ptr<const std::vector<Question>>;

    explicit Desk(Handler& handler);  // throws std::system_error
    ~Desk();
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

    // Readable when there is news; take() silences it.
    int back() const;
    // True when the first recover() is done.
    bool opened() const;
    // One batch may be with the desk at a time: until take() has given its replies.
    void put(Batch batch);
    std::optional<std::vector<policy::Reply>> take();
    // Have it look again whether the Handler is available.
    void nudge();
    // Sends it home. False if it is still in the Handler after `patience`: it is then left behind.
    bool close(base::Milliseconds patience);

  private:
    struct Shared;
    static void work(const std::shared_ptr<Shared>& shared);

    std::shared_ptr<Shared> shared_;  // with the thread, which may outlive us
    std::thread thread_;
};

}  // namespace sqlgrey::server
