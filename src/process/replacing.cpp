// The master when it replaces another daemon, and when it is replaced (process/replace.hpp).
#include "replace_messages.hpp"
#include "sqlgrey/base/error.hpp"
#include "supervisor.hpp"

#include <algorithm>
#include <utility>

namespace sqlgrey::process {

namespace {

constexpr base::Seconds reap_timeout{2};

std::string named(pid_t pid) {
    return "process " + std::to_string(pid);
}

}  // namespace

// The pid file, and the socket for the next successor, are for administrators and scripts: mail does not stop
// because they cannot be used.
void Supervisor::attempt(const std::function<void()>& step) {
    try {
        step();
    } catch (const base::StartError& error) {
        write(log::error, error.what());
    }
}

// A daemon that was killed has not counted the ends of its children, in counters that both write.
void Supervisor::count_ends_of_other() {
    for (const Role& role : plan_.roles)
        for (SlotCounters& slot : role.counters) {
            std::uint64_t known = slot.ends.value();
            for (const auto& generation : generations_) known += generation->living(slot);
            if (const std::uint64_t starts = slot.starts.value(); starts > known)
                slot.ends.add(starts - known);
        }
}

// ---- As the successor ----------------------------------------------------------------------------------

void Supervisor::ask_predecessor_to_go() {
    if (waits_for_predecessor() && current_has_taken_over()) options_.replacing.predecessor->ask_to_go();
}

void Supervisor::read_predecessor(int channel) {
    const auto& predecessor = options_.replacing.predecessor;
    while (predecessor && !handover_.full()) {
        base::Message message;
        switch (base::receive(channel, message)) {
            case base::PassResult::again:
                return;
            case base::PassResult::gone:
                return predecessor_is_gone();
            case base::PassResult::done:
                break;
        }
        if (const auto reason = replace::reason_of_refusal(message.text); reason && !may_serve_)
            return give_up(named(predecessor->pid()) + " refuses to be replaced: " + *reason);
        if (message.text == replace::go && !message.with_fd && !may_serve_)
            serve_instead();
        else if (message.fd && may_serve_)
            handover_.add(std::move(message));
        else if (message.with_fd)
            write(log::error, "a connection is lost: no descriptor is free; raise the limit on open files");
    }
}

void Supervisor::serve_instead() {
    may_serve_ = true;
    attempt([this] { options_.replacing.pid_file->put_own_pid(); });
    write(log::normal, "serving instead of " + named(options_.replacing.predecessor->pid()));
}

void Supervisor::predecessor_is_gone() {
    const std::string who = named(options_.replacing.predecessor->pid());
    bool alone = false;
    attempt([&] { alone = options_.replacing.pid_file->take_whole(); });
    if (!may_serve_ && !alone) return give_up("the connection to " + who + ", which still runs, has broken");
    if (!may_serve_) {
        write(log::warning, who + " has ended before it was replaced: serving without its connections");
        may_serve_ = true;
    } else {
        write(log::verbose, who + " has handed over and ended");
    }
    options_.replacing.predecessor.reset();
    count_ends_of_other();
    if (options_.replacing.socket == nullptr) return;
    // Later successors compare the process that listens with the one that holds the pid file.
    attempt([this] {
        options_.replacing.socket->listen();
        successor_.emplace(options_.replacing.socket->fd());
    });
}

// The running daemon goes on.
void Supervisor::give_up(const std::string& why) {
    given_up_ = why;
    options_.replacing.predecessor.reset();
    stop();
}

// ---- As the one that is replaced -----------------------------------------------------------------------

void Supervisor::read_successor(int fd) {
    switch (successor_->read(fd)) {
        case Successor::Said::nothing:
            return;
        case Successor::Said::hello:
            return welcome_successor();
        case Successor::Said::ready:
            return give_way();
        case Successor::Said::gone:
            return successor_is_gone();
    }
}

void Supervisor::welcome_successor() {
    if (stop_end_) return successor_->refuse("it is stopping");
    write(log::normal, named(successor_->pid()) + " is about to replace this daemon");
    options_.replacing.pid_file->share();
    if (!successor_->welcome(options_.replacing.offered)) successor_is_gone();
}

void Supervisor::give_way() {
    if (!successor_->go()) return successor_is_gone();
    const bool reads_ours = successor_->connection_format() == options_.replacing.connection_format;
    write(log::normal,
          named(successor_->pid()) +
              (reads_ours ? " serves now: handing connections over"
                          : " serves now: it reads no connections of this version, closing them"));
    forget_and_queue_stored();
    if (acceptor_.holds_one()) handover_.add(acceptor_.take_in_hand());
    base::Milliseconds longest{0};
    for (const auto& generation : generations_) {
        generation->supersede();
        reads_ours ? generation->hand_over(now_) : generation->finish(now_);
        longest = std::max(longest, generation->drain_limit());
    }
    giving_way_end_ = now_ + longest + reap_timeout;
}

// This daemon goes on as before; if it had begun to end, with new children.
void Supervisor::successor_is_gone() {
    attempt([this] { options_.replacing.pid_file->take_whole(); });
    count_ends_of_other();
    write(log::warning,
          named(successor_->pid()) + " has ended before it replaced this daemon, which goes on");
    if (!giving_way_end_) return;
    giving_way_end_.reset();
    start_generation(Plan(plan_));
}

void Supervisor::has_given_way() {
    options_.replacing.pid_file->leave_to_successor();
    write(log::normal, "replaced by " + named(successor_->pid()) + ", ending");
    if (options_.replacing.on_replaced) options_.replacing.on_replaced(successor_->pid());
}

}  // namespace sqlgrey::process
