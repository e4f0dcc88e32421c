// Asks p0f over its Unix socket, without waiting: one connection, over which questions are sent one after
// another and answered in that order. p0f allows 20 connections in all by default, and each host on a machine
// needs but one.
//
// p0f may be absent, silent, slow, or another program. Then the questions that wait are answered with
// nothing, the connection is closed, and no other is made for a while. Memory is bounded by `most_questions`.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/enrich/p0f.hpp"

#include <chrono>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <poll.h>

namespace sqlgrey::enrich {

struct P0fSettings {
    std::string socket;                // path, as given to p0f with -s
    base::Milliseconds timeout{1000};  // for each question
    base::Milliseconds pause{3'000};   // after a failure, before the next connection
    std::size_t most_questions = 512;  // at once
};

// For one thread at a time.
class P0fClient {
  public:
    explicit P0fClient(P0fSettings settings);

    // Connects if there is no connection, and sends a question. While p0f cannot be asked, or when too many
    // questions wait, the answer is nothing and is there at once. Never throws for what p0f does.
    void ask(const net::Address& host);

    // What to poll, with the events to poll for; and how long at most before process() must be called.
    std::vector<pollfd> descriptors() const;
    base::Milliseconds longest_wait() const;
    // Sends and reads what is possible, and gives up if p0f is too slow. Others' descriptors are ignored.
    // Call it after each poll, also if nothing happened.
    void process(std::span<const pollfd> polled);

    // The answers that have come since the last call. Each question gets exactly one.
    std::vector<std::pair<net::Address, Fingerprint>> take_answers();

    // p0f answers again, or for the first time (`trouble` is empty), or no longer, and why: for one line of
    // the log. Nothing if that has not changed since the last call.
    struct Change {
        std::string trouble;
        bool operator==(const Change&) const = default;
    };
    std::optional<Change> take_change() { return std::exchange(change_, std::nullopt); }

  private:
    using Clock = std::chrono::steady_clock;
    struct Asked {
        net::Address host;
        Clock::time_point deadline;
    };
    bool connect();
    void send_questions();
    void read_answers();
    void take_whole_answers();
    void give_up(const std::string& why);

    P0fSettings settings_;
    base::unique_fd connection_;
    Clock::time_point not_before_{};  // of the next connection
    std::deque<Asked> asked_;         // sent or in to_send_, in order
    std::string to_send_;
    std::string received_;  // less than one answer
    std::vector<std::pair<net::Address, Fingerprint>> answers_;
    std::optional<bool> works_;  // as last told; none: nothing is known yet
    std::optional<Change> change_;
};

}  // namespace sqlgrey::enrich
