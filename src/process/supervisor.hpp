// The master's loop: signals, generations of children, connections.
#pragma once

#include "acceptor.hpp"
#include "child_set.hpp"
#include "handover_queue.hpp"
#include "signals.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/process/master.hpp"
#include "successor.hpp"

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
    void stop();
    void reap();

    void start_generation(Plan plan);
    void reload_if_wanted();
    void retire_old_generations();
    void announce_ready();

    bool may_accept() const;
    void accept();
    void read_channel(int channel);
    void client_waits(int /*listener*/) { client_waits_ = true; }
    void pass_on();
    ChildSet& current() const { return *generations_.back(); }
    ChildSet& serving() const;
    bool current_has_taken_over() const;
    base::unique_fd leave_master();

    // systemd's descriptor store (keeping.cpp).
    bool begin_to_keep();
    void keep(const base::Message& connection);
    void has_kept();
    void finish_late_ones();
    void forget_and_queue_stored();
    void take_stored_connections();

    // --replace (replacing.cpp).
    bool waits_for_predecessor() const { return options_.replacing.predecessor && !may_serve_; }
    void ask_predecessor_to_go();
    void read_predecessor(int channel);
    void serve_instead();
    void predecessor_is_gone();
    void give_up(const std::string& why);
    void read_successor(int fd);
    void welcome_successor();
    void give_way();
    void successor_is_gone();
    void has_given_way();
    void count_ends_of_other();
    void attempt(const std::function<void()>& step);
    void write(int level, const std::string& text) const {
        logger_->write(log::Category::system, level, text);
    }

    MasterOptions options_;
    std::shared_ptr<const log::Logger> logger_;  // of the current generation
    Signals signals_;
    Acceptor acceptor_;
    HandoverQueue handover_;
    std::vector<std::unique_ptr<ChildSet>> generations_;  // the last one is current
    Plan plan_;                                           // of the current one
    Instant now_;
    Instant switch_end_{};  // from then on one worker that is ready is enough for the current generation to
                            // take over
    bool client_waits_ = false;
    std::optional<int> reload_wanted_;
    std::optional<Instant> memory_logged_;
    std::optional<Instant> stop_end_;  // set when stopping: the latest time to exit

    bool keeps_ = false;                // puts connections into the descriptor store
    bool keeping_failed_ = false;       // and has no more room there
    std::optional<Instant> finish_at_;  // until then workers may hand over

    bool may_serve_ = false;                 // the predecessor has let this daemon serve
    std::optional<std::string> given_up_;    // why this daemon does not replace its predecessor
    std::optional<Successor> successor_;     // nothing if this daemon cannot be replaced
    std::optional<Instant> giving_way_end_;  // set when the successor serves: the latest time to exit
};

}  // namespace sqlgrey::process
