// The event loop of a worker: watches the channel, the order to stop and all connections, and moves requests
// and replies between connections and database jobs. Used by one thread at a time.
#pragma once

#include "connection.hpp"
#include "leader_followers.hpp"
#include "poller.hpp"
#include "request_queue.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/base/yield_backoff.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/server/worker.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace sqlgrey::server {

class Loop {
  public:
    Loop(WorkerContext context, policy::RequestHandler& handler, LeaderFollowers& threads,
         const WorkerOptions& options, const log::Logger& logger);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Delivers the replies of a completed job, if there is one, and runs until there is another; returns
    // nothing at the end.
    JobPtr run_until_job(JobPtr done);
    Ended ended() const { return ended_; }

  private:
    // Keys of the poller's events; connections are numbered from the last one.
    static constexpr std::uint64_t key_channel = 0, key_stop = 1, key_completed = 2, first_connection = 3;
    // A connection and the events that are watched for it.
    struct Watched {
        Connection connection;
        std::uint32_t events;
        bool read_at_the_end = false;  // once more after the order to stop
    };
    // Whether and how this loop is to end.
    enum class Ending { none, hand_over, close };
    // What happens to a connection at the end.
    enum class Next { stays, is_handed_over, is_closed };

    bool over() const;
    void turn();
    void yield_cpu();
    int timeout() const;
    void answer_what_can_be();
    void completed(const DatabaseJob& job);
    void dispatch(std::uint64_t key, std::uint32_t events);
    void announce_ready();

    // Connections (connections.cpp): each of these may close the connection.
    void take_descriptors(int at_most);
    void add(base::unique_fd socket, std::string_view handed_over);
    bool make_room();
    bool close_idlest();
    void lost_descriptor();
    void on_event(ConnectionId id, std::uint32_t events);
    bool may_read(const Connection& connection) const;
    bool read_and_ask(ConnectionId id, Connection& connection);
    bool ask_what_has_come(ConnectionId id, Connection& connection);
    bool write_replies();
    void watch(ConnectionId id, Watched& watched);
    void close(ConnectionId id);
    void count_closed();
    void close_those_who_do_not_read();
    void once_a_minute(Instant& last, const std::string& warning);

    // The end (drain.cpp).
    void begin_to_end(Ending how);
    void begin_to_hand_over();
    void begin_to_stop();
    void drain();
    bool read_once_more(ConnectionId id, Watched& watched);
    Next what_becomes_of(const Connection& connection) const;
    bool hand_over(ConnectionId id, const Connection& connection);
    void close_all();

    base::unique_fd channel_;
    int stop_;
    policy::RequestHandler& handler_;
    LeaderFollowers& threads_;
    const WorkerOptions& options_;
    std::atomic<int>& open_connections_;
    WorkerCounters& counters_;
    std::function<void()> on_ready_;  // empty once called
    const log::Logger& logger_;

    Poller poller_;
    base::YieldBackoff yield_backoff_;
    Instant now_;
    Instant started_;
    std::unordered_map<ConnectionId, Watched> connections_;
    ConnectionId last_id_;
    std::vector<ConnectionId> touched_;             // have new replies, or are below max_waiting again
    std::unordered_set<ConnectionId> held_back_;    // not read because too many requests wait
    std::unordered_set<ConnectionId> not_reading_;  // have replies that the client does not accept
    Instant limit_logged_{};
    Instant loss_logged_{};

    Ending ending_ = Ending::none;
    Instant slow_client_end_{};
    Instant drain_end_{};
    bool replied_ = false;              // the RequestHandler is to be told
    std::optional<Instant> batch_end_;  // the last deadline of the batch in the database
    Ended ended_ = Ended::clean;
    RequestQueue queue_;
};

}  // namespace sqlgrey::server
