// The master's loop: signals, generations of children, connections.
#pragma once

#include "acceptor.hpp"
#include "child_set.hpp"
#include "handover_queue.hpp"
#include "signals.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/process/master.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <poll.h>

namespace sqlgrey::process {

class Supervisor {
  public:
    Supervisor(Plan plan, MasterOptions options);
    int run();

  private:
    void turn();
    void out_of_memory();
    void wait();
    int timeout() const;
    bool over() const;

    void handle_signal(int signal_number);
    void begin_to_stop(int signal_number);
    void reap();

    void start_generation(Plan plan);
    void reload_if_wanted();
    void retire_old_generations();
    void announce_ready();

    void accept();
    void read_channel(int channel);
    void pass_on();
    ChildSet& current() const { return *generations_.back(); }
    ChildSet& serving() const;
    bool current_has_taken_over() const;
    base::unique_fd leave_master();
    void write(int level, const std::string& text) const {
        logger_->write(log::Category::system, level, text);
    }

    MasterOptions options_;
    std::shared_ptr<const log::Logger> logger_;  // of the current generation
    Signals signals_;
    Acceptor acceptor_;
    HandoverQueue handover_;
    std::vector<std::unique_ptr<ChildSet>> generations_;  // the last one is current
    Instant now_;
    Instant switch_end_{};  // from then on one worker that is ready is enough for the current generation to
                            // take over
    std::optional<int> reload_wanted_;
    std::optional<Instant> memory_logged_;
    std::optional<Instant> stop_end_;  // set when stopping: the latest time to exit
};

}  // namespace sqlgrey::process
