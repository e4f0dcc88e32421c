// A master in a forked process with real workers (server::serve) behind a loopback port.
#pragma once

#include "sqlgrey/process/master.hpp"
#include "sqlgrey/server/listener.hpp"
#include "sqlgrey/server/worker.hpp"
#include "unit/server_client.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/wait.h>

namespace test {

using namespace sqlgrey;

// Shared by the test and all processes of the daemon.
struct Board {
    std::atomic<int> delay_ms{0};  // of every answer
    std::atomic<int> ready{0};     // on_ready was called
    std::atomic<int> reloads{0};   // plans requested
    std::atomic<bool> bad_settings{false};
    std::atomic<bool> reload_throws{false};
    std::atomic<int> broken{0};                  // how many further children exit at once
    std::atomic<int> starts{0};                  // children started
    std::atomic<std::int64_t> last_start_ms{0};  // on the steady clock
    std::atomic<std::int64_t> last_pause_ms{0};  // between the last two starts
    std::atomic<int> maintenance{0};             // the pid of that child
    std::atomic<int> asked{0};                   // requests that reached answer()
    char log[65536] = {};
    std::atomic<std::size_t> logged{0};
    std::array<server::WorkerCounters, 8> workers;
    std::array<process::SlotCounters, 8> slots;
};

class BoardSink final : public log::Sink {
  public:
    explicit BoardSink(Board& board) : board_(board) {}
    void write(int, std::string_view line) override {
        const auto at = board_.logged.fetch_add(line.size() + 1);
        if (at + line.size() + 1 >= sizeof board_.log) return;
        line.copy(board_.log + at, line.size());
        board_.log[at + line.size()] = '\n';
    }

  private:
    Board& board_;
};

// Answers with its generation and pid.
class PidHandler final : public policy::RequestHandler {
  public:
    PidHandler(Board& board, int generation) : board_(board), generation_(generation) {}
    std::vector<policy::Reply> answer(std::span<const policy::PendingRequest> batch) override {
        board_.asked += static_cast<int>(batch.size());
        std::this_thread::sleep_for(std::chrono::milliseconds{board_.delay_ms});
        return answer_without_database(batch, policy::Reporting::here);
    }
    std::vector<policy::Reply> answer_without_database(std::span<const policy::PendingRequest> batch,
                                                       policy::Reporting) override {
        const policy::Reply reply =
            policy::reply_of(std::to_string(generation_) + " " + std::to_string(::getpid()));
        return std::vector<policy::Reply>(batch.size(), reply);
    }
    bool available() const override { return true; }
    void recover() override {}
    void give_up() override {}

  private:
    Board& board_;
    int generation_;
};

inline log::Logger board_logger(Board& board) {
    return {log::Levels(log::normal), std::make_unique<BoardSink>(board)};
}

// A worker like the daemon's.
inline std::function<int(process::ChildContext&)> serving(Board& board, int generation) {
    return [&board, generation](process::ChildContext& child) {
        ++board.starts;
        const auto now = std::chrono::steady_clock::now().time_since_epoch() / std::chrono::milliseconds{1};
        board.last_pause_ms = now - board.last_start_ms.exchange(now);
        if (board.broken > 0) {
            --board.broken;
            return 3;
        }
        PidHandler handler(board, generation);
        server::WorkerOptions options;
        options.time_limit = options.drain_limit = std::chrono::milliseconds{60000};
        const auto logger = board_logger(board);
        server::serve({std::move(child.channel), child.stop, *child.open_connections,
                       board.workers[child.slot], child.ready},
                      handler, options, logger);
        return 0;
    };
}

inline process::Plan serving_plan(Board& board, std::size_t workers, int generation = 1) {
    process::Plan plan;
    plan.logger = std::make_shared<const log::Logger>(board_logger(board));
    plan.roles = {{.name = "worker",
                   .count = workers,
                   .run = serving(board, generation),
                   .takes_connections = true,
                   .counters = board.slots}};
    plan.drain_limit = std::chrono::milliseconds{60000};
    return plan;
}

class RunningMaster {
  public:
    const base::SharedMemory<Board> board;
    std::chrono::milliseconds switch_limit{10'000};

    // `plan` is the first generation; every reload gives a serving plan with the next number.
    void start(process::Plan plan) {
        auto listeners = server::open_listeners({"127.0.0.1:0"}, "", 0);
        sockaddr_in name{};
        socklen_t length = sizeof name;
        ::getsockname(listeners[0].get(), reinterpret_cast<sockaddr*>(&name), &length);
        port_ = name.sin_port;
        pid_ = ::fork();
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves nothing behind
            ::_exit(be_master(std::move(plan), std::move(listeners)));
        }
    }
    void start(std::size_t workers) { start(serving_plan(*board, workers)); }
    ~RunningMaster() {
        if (pid_ <= 0) return;
        signal(SIGTERM);
        signal(SIGTERM);
        eventually([this] { return ended(); });
    }

    void signal(int number) const { ::kill(pid_, number); }
    pid_t pid() const { return pid_; }
    bool wait_until_ready() const {
        return eventually([this] { return board->ready == 1; });
    }
    // True when it has ended; status() then gives its exit status.
    bool ended() {
        if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = 0;
        return pid_ == 0;
    }
    // The exit status; 1000 if it does not end, 2000 and the signal if that ended it.
    int status() {
        if (!eventually([this] { return ended(); })) return 1000;
        return WIFEXITED(status_) ? WEXITSTATUS(status_) : 2000 + WTERMSIG(status_);
    }
    // Throws if the connection is refused.
    Client connect() const {
        base::unique_fd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_port = port_;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) != 0)
            throw std::runtime_error("refused");
        return Client(std::move(fd));
    }
    // The reply to one request on a connection of its own.
    std::string ask() const {
        auto client = connect();
        client.send(request("a"));
        return client.reply();
    }
    std::string log() const { return {board->log, std::min(board->logged.load(), sizeof board->log - 1)}; }
    bool logs(const std::string& text) const {
        return eventually([&] { return log().find(text) != std::string::npos; });
    }

  private:
    int be_master(process::Plan plan, std::vector<base::unique_fd> listeners) {
        process::MasterOptions options;
        for (auto& socket : listeners) options.listeners.push_back({std::move(socket)});
        options.on_ready = [this] { ++board->ready; };
        options.switch_limit = switch_limit;
        options.reload = [this](int) -> std::optional<process::Plan> {
            const int number = ++board->reloads;
            if (board->reload_throws) throw std::runtime_error("no such file");
            if (board->bad_settings) return std::nullopt;
            return serving_plan(*board, 2, number + 1);
        };
        return process::run_master(std::move(plan), std::move(options));
    }

    pid_t pid_ = 0;
    int status_ = 0;
    in_port_t port_ = 0;
};

inline pid_t pid_in(const std::string& reply) {
    return static_cast<pid_t>(std::stol(reply.substr(reply.find(' ') + 1)));
}
inline bool alive(pid_t pid) {
    return ::kill(pid, 0) == 0;
}

}  // namespace test
