// One turn of the master: reload, start and kill what is due, wait, retire old generations.
#include "supervisor.hpp"

#include "sqlgrey/base/error.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <new>
#include <thread>
#include <utility>

#include <sys/wait.h>

namespace sqlgrey::process {

namespace {

constexpr base::Seconds reap_timeout{2};                // for children that were killed
constexpr base::Milliseconds pause_after_failure{100};  // prevents a busy loop, for example without memory
// Many reloads in a row must not start many processes; a reload beyond this is done later.
constexpr std::size_t most_generations = 3;
constexpr std::int64_t longest_sleep_ms = 3'600'000;  // fits the int that the kernel takes

}  // namespace

Supervisor::Supervisor(Plan plan, MasterOptions options)
    : options_(std::move(options)),
      logger_(plan.logger),
      acceptor_(std::move(options_.listeners),
                [this](int error) {
                    write(log::error, base::with_errno("cannot accept connections for the moment", error));
                }),
      now_(std::chrono::steady_clock::now()) {
    if (!options_.replacing.predecessor && options_.replacing.socket)
        successor_.emplace(options_.replacing.socket->fd());
    start_generation(std::move(plan));
}

int Supervisor::run() {
    while (!over()) try {
            turn();
        } catch (const std::bad_alloc&) {
            out_of_memory();
        }
    if (given_up_) throw base::StartError(*given_up_);
    if (giving_way_end_) has_given_way();
    if (keeps_) has_kept();
    return 0;
}

// Whatever this turn has not done is still due in the next. The children have memory of their own.
void Supervisor::out_of_memory() {
    std::this_thread::sleep_for(pause_after_failure);
    now_ = std::chrono::steady_clock::now();
    if (memory_logged_ && now_ < *memory_logged_ + std::chrono::minutes{1}) return;
    memory_logged_ = now_;
    try {
        write(log::error, "the master is out of memory, trying again");
    } catch (const std::bad_alloc&) {
        // No memory even for the log line; continue.
    }
}

bool Supervisor::over() const {
    if (giving_way_end_) return (generations_.empty() && handover_.empty()) || now_ >= *giving_way_end_;
    if (!stop_end_) return false;
    return generations_.empty() || now_ >= *stop_end_;
}

void Supervisor::turn() {
    reload_if_wanted();
    for (const auto& generation : generations_) {
        generation->start_due(now_);
        generation->kill_overdue(now_);
    }
    wait();
    retire_old_generations();
    finish_late_ones();
    if (stop_end_ || giving_way_end_) return;
    ask_predecessor_to_go();
    take_stored_connections();
    announce_ready();
}

void Supervisor::wait() {
    std::vector<pollfd> watched{{signals_.fd(), POLLIN, 0}};
    std::vector<void (Supervisor::*)(int)> readers{nullptr};  // of each; signals come last
    const auto watch = [&](int fd, void (Supervisor::*reader)(int)) {
        watched.push_back({fd, POLLIN, 0});
        readers.push_back(reader);
    };
    const auto& predecessor = options_.replacing.predecessor;
    if (!handover_.full())
        for (const auto& generation : generations_)
            for (const int channel : generation->channels()) watch(channel, &Supervisor::read_channel);
    if (!handover_.full() && predecessor) watch(predecessor->fd(), &Supervisor::read_predecessor);
    if (successor_)
        for (const int fd : successor_->to_watch()) watch(fd, &Supervisor::read_successor);
    if (may_accept())
        for (const int listener : acceptor_.to_watch(now_)) watch(listener, &Supervisor::client_waits);

    if (::poll(watched.data(), watched.size(), timeout()) < 0) {
        if (errno != EINTR) std::this_thread::sleep_for(pause_after_failure);
        for (auto& each : watched) each.revents = 0;
    }
    now_ = std::chrono::steady_clock::now();

    client_waits_ = false;
    for (std::size_t i = 1; i < watched.size(); ++i)
        if (watched[i].revents != 0) (this->*readers[i])(watched[i].fd);
    pass_on();
    if (may_accept() && (client_waits_ || acceptor_.holds_one())) accept();
    for (const int signal_number : signals_.take()) handle_signal(signal_number);
}

int Supervisor::timeout() const {
    std::optional<Instant> next = acceptor_.next_moment(now_);
    const auto not_after = [&next](std::optional<Instant> moment) {
        if (moment) next = std::min(next.value_or(*moment), *moment);
    };
    not_after(stop_end_);
    not_after(giving_way_end_);
    not_after(finish_at_);
    not_after(handover_.next_moment());
    const bool switches =
        waits_for_predecessor() || (generations_.size() > 1 && !generations_.front()->finishing());
    if (now_ < switch_end_ && switches) not_after(switch_end_);
    for (const auto& generation : generations_) not_after(generation->next_moment());
    if (!next) return -1;
    const auto left = std::chrono::ceil<base::Milliseconds>(*next - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, longest_sleep_ms));
}

void Supervisor::handle_signal(int signal_number) {
    switch (signal_number) {
        case SIGCHLD:
            return reap();
        case SIGTERM:
        case SIGINT:
        case SIGQUIT:
            return begin_to_stop(signal_number);
        default:
            reload_wanted_ = signal_number;
    }
}

void Supervisor::reap() {
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;)
        for (const auto& generation : generations_)
            if (generation->ended(pid, status, now_)) break;
}

void Supervisor::begin_to_stop(int signal_number) {
    if (giving_way_end_) return;  // it ends anyway, and the successor has the connections
    if (stop_end_) {
        write(log::warning, "told to stop a second time: killing the children that have not finished");
        for (const auto& generation : generations_) generation->kill_all();
        stop_end_ = now_ + reap_timeout;
        return;
    }
    write(log::normal, "stopping (signal " + std::to_string(signal_number) + ")");
    if (waits_for_predecessor()) return give_up("told to stop before it has replaced the running daemon");
    keeps_ = begin_to_keep();
    if (!keeps_ && may_accept()) accept();  // a client in the backlog may already have sent a request
    stop();
}

void Supervisor::stop() {
    acceptor_.close();
    if (successor_) successor_->refuse("it is stopping");
    for (const auto& generation : generations_)
        for (const int channel : generation->channels()) read_channel(channel);
    pass_on();
    base::Milliseconds longest{0};
    for (const auto& generation : generations_) {
        keeps_ ? generation->hand_over(now_) : generation->finish(now_);
        longest = std::max(longest, generation->drain_limit());
    }
    stop_end_ = now_ + longest + reap_timeout;
}

void Supervisor::start_generation(Plan plan) {
    for (const auto& generation : generations_) generation->supersede();
    for (Role& role : plan.roles)
        if (role.takes_connections) role.count = std::max<std::size_t>(role.count, 1);
    logger_ = plan.logger;
    plan_ = plan;
    generations_.push_back(std::make_unique<ChildSet>(std::move(plan), [this] { return leave_master(); }));
    switch_end_ = now_ + options_.switch_limit;
}

void Supervisor::reload_if_wanted() {
    if (!reload_wanted_ || stop_end_ || giving_way_end_ || generations_.size() >= most_generations) return;
    const int signal_number = *std::exchange(reload_wanted_, std::nullopt);
    if (!options_.reload) return;
    try {
        if (auto plan = options_.reload(signal_number)) start_generation(std::move(*plan));
    } catch (const std::exception& error) {
        write(log::error, "cannot reload, going on as before: " + base::reason_of(error));
    }
}

// While it cannot serve, the old generation continues.
bool Supervisor::current_has_taken_over() const {
    return current().ready() || (now_ >= switch_end_ && current().serves());
}

// The generation that gets connections: the newest that is ready, or else the newest with one child that is.
// While there is none, connections wait in the kernel's backlog.
ChildSet& Supervisor::serving() const {
    const auto newest = [this](auto property) -> ChildSet* {
        for (auto generation = generations_.rbegin(); generation != generations_.rend(); ++generation)
            if (!(*generation)->finishing() && property(**generation)) return generation->get();
        return nullptr;
    };
    if (auto* ready = newest([](const ChildSet& one) { return one.ready() && one.serves(); })) return *ready;
    if (auto* some = newest([](const ChildSet& one) { return one.serves(); })) return *some;
    return current();
}

// Tells old generations to hand over once the current one has taken over, and forgets those whose children
// have all ended.
void Supervisor::retire_old_generations() {
    if (generations_.empty()) return;
    const bool taken_over = !giving_way_end_ && current_has_taken_over();
    for (const auto& generation : generations_) {
        if (generation == generations_.back() || generation->finishing() || !taken_over) continue;
        write(log::normal,
              std::to_string(current().takers()) +
                  (current().ready() ? " new workers are ready" : " new workers are not ready yet") +
                  ", the old ones finish");
        generation->hand_over(now_);
    }
    const auto current_one = generations_.back().get();
    std::erase_if(generations_, [this, current_one](const auto& generation) {
        return generation->empty() && (stop_end_ || giving_way_end_ || generation.get() != current_one);
    });
}

void Supervisor::announce_ready() {
    if (!options_.on_ready || !current().ready() || waits_for_predecessor()) return;
    std::exchange(options_.on_ready, nullptr)();
}

bool Supervisor::may_accept() const {
    return !stop_end_ && !giving_way_end_ && !waits_for_predecessor() && serving().serves();
}

void Supervisor::accept() {
    acceptor_.take(now_, [this](const base::Message& connection) {
        return serving().pass(connection, Comes::from_client, now_);
    });
}

void Supervisor::read_channel(int channel) {
    for (const auto& generation : generations_) generation->read_channel(channel, now_, handover_);
}

// During a stop no child takes them: they are kept in the store or closed.
void Supervisor::pass_on() {
    if (giving_way_end_)
        return handover_.pass_on(now_, [this](const base::Message& connection) {
            return successor_->pass(connection) == base::PassResult::done;
        });
    if (keeps_)
        return handover_.pass_on(now_, [this](const base::Message& connection) {
            keep(connection);
            return true;
        });
    if (stop_end_) return handover_.close();
    handover_.pass_on(now_, [this](const base::Message& connection) {
        return serving().pass(connection, Comes::from_worker, now_);
    });
}

base::unique_fd Supervisor::leave_master() {
    acceptor_.close();
    handover_.close();
    options_.keeping.connections.clear();
    options_.replacing.predecessor.reset();
    if (successor_) successor_->disconnect();
    for (const auto& generation : generations_) generation->close_channels();
    return signals_.reset_for_child();
}

}  // namespace sqlgrey::process
