// Accepting, distributing, supervising.
#include "unit/process_fixture.hpp"

#include <map>
#include <set>

#include <catch2/catch.hpp>
#include <dirent.h>
#include <sys/resource.h>

using namespace test;
using Catch::Contains;

namespace {

// The lowest number that is not an open descriptor of that process.
rlim_t first_free_descriptor(pid_t pid) {
    std::set<rlim_t> open;
    DIR* directory = ::opendir(("/proc/" + std::to_string(pid) + "/fd").c_str());
    while (const auto* entry = ::readdir(directory))
        if (entry->d_name[0] != '.') open.insert(std::stoul(entry->d_name));
    ::closedir(directory);
    rlim_t free = 0;
    while (open.count(free) != 0) ++free;
    return free;
}

int idle_worker(process::ChildContext& child) {
    child.ready();
    pollfd stop{child.stop, POLLIN, 0};
    ::poll(&stop, 1, -1);
    return 0;
}

int stubborn_worker(process::ChildContext& child) {
    child.ready();
    while (true) ::poll(nullptr, 0, 1000);
}

}  // namespace

TEST_CASE("a hundred connections are spread evenly over four children") {
    RunningMaster master;
    master.start(4);
    REQUIRE(master.wait_until_ready());
    std::vector<Client> clients;
    std::map<std::string, std::vector<std::size_t>> by_worker;
    for (std::size_t i = 0; i < 100; ++i) clients.push_back(master.connect());
    for (std::size_t i = 0; i < 100; ++i) {
        clients[i].send(request("a"));
        by_worker[clients[i].reply()].push_back(i);
    }
    REQUIRE(by_worker.size() == 4);
    for (const auto& [worker, connections] : by_worker) REQUIRE(connections.size() == 25);

    SECTION("and a worker whose connections close gets the next ones") {
        const auto& [worker, connections] = *by_worker.begin();
        for (const auto i : connections) clients[i] = Client(base::unique_fd{});
        const std::string emptied = worker;
        REQUIRE(eventually([&] { return master.ask() == emptied; }));
    }
}

TEST_CASE("a killed child is replaced and requests are answered") {
    RunningMaster master;
    master.start(1);
    REQUIRE(master.wait_until_ready());
    const auto first = pid_in(master.ask());
    ::kill(first, SIGKILL);
    const auto reply = master.ask();  // waits in the backlog until there is a worker again
    // A connection passed to a child that was already dead may be lost.
    const auto second = pid_in(reply == "<end>" ? master.ask() : reply);
    REQUIRE(second != first);
    REQUIRE_THAT(master.log(), Contains("system: worker " + std::to_string(first) +
                                        " ended by signal 9, starting another\n"));
    REQUIRE(eventually([&] { return !alive(first); }));  // no zombie is kept
    REQUIRE(master.board->ready == 1);
}

TEST_CASE("a child that ends with a status is replaced, again and again") {
    RunningMaster master;
    auto plan = serving_plan(*master.board, 1);
    auto& worker = plan.roles.front();
    worker.run = [&board = *master.board, serve = worker.run](process::ChildContext& child) {
        if (board.starts < 2) {
            ++board.starts;
            return 3;
        }
        return serve(child);
    };
    master.start(std::move(plan));
    REQUIRE(master.wait_until_ready());
    REQUIRE_THAT(master.ask(), Contains("1 "));
    REQUIRE_THAT(master.log(), Contains(" ended with status 3, starting another\n"));
}

TEST_CASE(
    "a connection that arrives while no worker is ready waits, and is not lost with workers that fail") {
    RunningMaster master;
    master.board->broken = 4;
    master.start(1);
    auto early = master.connect();
    early.send(request("a"));
    REQUIRE_THAT(early.reply(), Contains("1 "));
    REQUIRE(master.board->starts == 5);
}

TEST_CASE("while fewer than half of the workers live none waits longer than 2 s for its next start") {
    RunningMaster master;
    master.board->broken = 8;  // doubled each time, the last pause would be 12.8 s, but 10 is the limit
    master.start(1);
    REQUIRE(master.wait_until_ready());
    REQUIRE(master.board->starts == 9);
    REQUIRE(master.board->last_pause_ms >= 1900);
    REQUIRE(master.board->last_pause_ms < 6000);
}

TEST_CASE("a child that throws is logged and replaced") {
    RunningMaster master;
    auto plan = serving_plan(*master.board, 1);
    auto& worker = plan.roles.front();
    worker.run = [&board = *master.board, serve = worker.run](process::ChildContext& child) {
        if (++board.starts == 1) throw std::runtime_error("no threads left");
        return serve(child);
    };
    master.start(std::move(plan));
    REQUIRE(master.wait_until_ready());
    REQUIRE_THAT(master.log(), Contains("cannot go on: no threads left") && Contains("with status 1"));
}

TEST_CASE("the maintenance child is run, replaced and seen off like a worker") {
    RunningMaster master;
    auto plan = serving_plan(*master.board, 1);
    plan.roles.push_back(
        {.name = "maintenance", .run = [&board = *master.board](process::ChildContext& child) {
             board.maintenance = ::getpid();
             return idle_worker(child);
         }});
    master.start(std::move(plan));
    REQUIRE(eventually([&] { return master.board->maintenance != 0; }));
    const pid_t first = master.board->maintenance;
    ::kill(first, SIGKILL);
    REQUIRE(eventually([&] { return master.board->maintenance != first; }));
    REQUIRE_THAT(master.log(),
                 Contains("system: maintenance " + std::to_string(first) + " ended by signal 9"));
    for (int i = 0; i < 10; ++i) REQUIRE(pid_in(master.ask()) != master.board->maintenance);
    master.signal(SIGTERM);
    REQUIRE(master.status() == 0);
    REQUIRE_FALSE(alive(master.board->maintenance));
}

TEST_CASE("a child does not heed the signals that are meant for the master") {
    RunningMaster master;
    master.start(1);
    REQUIRE(master.wait_until_ready());
    const auto worker = pid_in(master.ask());
    for (const int number : {SIGHUP, SIGINT, SIGUSR1, SIGPIPE}) ::kill(worker, number);
    REQUIRE(pid_in(master.ask()) == worker);
}

TEST_CASE("when the master is killed its workers end by themselves") {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // so that this test can reap it
    pid_t worker = 0;
    {
        RunningMaster master;
        master.start(1);
        REQUIRE(master.wait_until_ready());
        auto idle = master.connect();
        idle.send(request("a"));
        worker = pid_in(idle.reply());
        master.signal(SIGKILL);
        REQUIRE(master.status() == 2000 + SIGKILL);
        REQUIRE(idle.reply() == "<end>");
    }
    int status = -1;
    REQUIRE(eventually([&] { return ::waitpid(worker, &status, WNOHANG) == worker; }));
    REQUIRE(status == 0);
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_CASE("running out of descriptors is logged once, and the daemon continues") {
    RunningMaster master;
    master.start(1);
    REQUIRE(master.wait_until_ready());
    rlimit before{};
    const rlimit low{first_free_descriptor(master.pid()), 1024};
    ::prlimit(master.pid(), RLIMIT_NOFILE, nullptr, &before);
    rlimit reduced = before;
    reduced.rlim_cur = low.rlim_cur;
    REQUIRE(::prlimit(master.pid(), RLIMIT_NOFILE, &reduced, nullptr) == 0);
    auto client = master.connect();
    client.send(request("a"));
    REQUIRE(master.logs("system: cannot accept connections for the moment: Too many open files\n"));
    REQUIRE_FALSE(client.wait(std::chrono::milliseconds{500}));
    REQUIRE(::prlimit(master.pid(), RLIMIT_NOFILE, &before, nullptr) == 0);
    REQUIRE_THAT(client.reply(), Contains("1 "));
    const auto text = master.log();
    REQUIRE(text.find("cannot accept") == text.rfind("cannot accept"));
}

TEST_CASE("a worker may open more descriptors than the usual soft limit allows") {
    rlimit here{};
    ::getrlimit(RLIMIT_NOFILE, &here);
    RunningMaster master;
    auto plan = serving_plan(*master.board, 1);
    auto& worker = plan.roles.front();
    worker.run = [&board = *master.board](process::ChildContext& child) {
        rlimit limit{};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        board.asked = static_cast<int>(limit.rlim_cur);
        return idle_worker(child);
    };
    master.start(std::move(plan));
    REQUIRE(master.wait_until_ready());
    REQUIRE(static_cast<rlim_t>(master.board->asked) >= std::min<rlim_t>(here.rlim_max, 16384));
}

TEST_CASE("a child that will not finish is killed at the drain limit") {
    RunningMaster master;
    auto plan = serving_plan(*master.board, 2);
    auto& worker = plan.roles.front();
    worker.run = stubborn_worker;
    plan.drain_limit = std::chrono::milliseconds{100};
    master.start(std::move(plan));
    REQUIRE(master.wait_until_ready());
    master.signal(SIGTERM);
    REQUIRE(master.status() == 0);
    REQUIRE_THAT(master.log(), Contains("did not finish within 100 ms, killing it"));
}

TEST_CASE("a second TERM or INT kills at once") {
    RunningMaster master;
    auto plan = serving_plan(*master.board, 2);
    auto& worker = plan.roles.front();
    worker.run = stubborn_worker;
    plan.drain_limit = std::chrono::hours{1};
    master.start(std::move(plan));
    REQUIRE(master.wait_until_ready());
    master.signal(SIGTERM);
    REQUIRE(master.logs("stopping (signal 15)"));
    REQUIRE_FALSE(master.ended());
    master.signal(SIGINT);
    REQUIRE(master.status() == 0);
    REQUIRE_THAT(master.log(), Contains("told to stop a second time"));
}

TEST_CASE("a slot's counters stay when its child is killed, and the next child continues them") {
    RunningMaster master;
    master.start(1);
    REQUIRE(master.wait_until_ready());
    const auto& requests = master.board->workers[0].request_time;
    const auto& batches = master.board->workers[0].batch_size;
    const auto& slot = master.board->slots[0];
    pid_t worker = 0;
    for (int i = 0; i < 10; ++i) worker = pid_in(master.ask());
    REQUIRE(requests.count() == 10);
    REQUIRE(batches.count() == 10);  // one after another
    REQUIRE(slot.connections.value() == 10);
    REQUIRE(slot.starts.value() == 1);
    REQUIRE(slot.deaths.value() == 0);

    ::kill(worker, SIGKILL);
    REQUIRE(eventually([&] { return slot.starts.value() == 2; }));
    REQUIRE(slot.deaths.value() == 1);
    REQUIRE(requests.count() == 10);
    REQUIRE(pid_in(master.ask()) != worker);
    REQUIRE(requests.count() == 11);
    REQUIRE(batches.count() == 11);
    REQUIRE(slot.connections.value() == 11);
}

TEST_CASE("the connections that a killed child had open are counted as lost") {
    RunningMaster master;
    master.start(1);
    REQUIRE(master.wait_until_ready());
    const auto& slot = master.board->slots[0];
    const auto& closed = master.board->workers[0].closed;
    auto client = master.connect();
    client.send(request("a"));
    const pid_t worker = pid_in(client.reply());
    master.ask();
    REQUIRE(eventually([&] { return closed.value() == 1; }));
    REQUIRE(slot.passed.value() == 2);
    REQUIRE(slot.lost.value() == 0);

    ::kill(worker, SIGKILL);
    REQUIRE(eventually([&] { return slot.ends.value() == 1; }));
    REQUIRE(eventually([&] { return slot.lost.value() == 1; }));
    master.ask();
    REQUIRE(eventually([&] { return closed.value() == 2; }));
    REQUIRE(slot.passed.value() == 3);
}

TEST_CASE("a reload continues the counters, and counts neither deaths nor connections handed over") {
    RunningMaster master;
    master.start(2);
    REQUIRE(master.wait_until_ready());
    auto client = master.connect();
    client.send(request("a"));
    const auto old = pid_in(client.reply());
    master.signal(SIGHUP);
    REQUIRE(eventually([&] { return !alive(old); }));
    client.send(request("b"));
    REQUIRE(pid_in(client.reply()) != old);
    const auto sum = [&](auto number_of) { return number_of(0) + number_of(1); };
    const auto& board = *master.board;
    REQUIRE(sum([&](int i) { return board.workers[i].request_time.count(); }) == 2);
    REQUIRE(sum([&](int i) { return board.slots[i].connections.value(); }) == 1);
    REQUIRE(sum([&](int i) { return board.slots[i].starts.value(); }) == 4);
    REQUIRE(sum([&](int i) { return board.slots[i].deaths.value(); }) == 0);
    master.signal(SIGTERM);
    REQUIRE(master.status() == 0);
    REQUIRE(sum([&](int i) { return board.slots[i].deaths.value(); }) == 0);
}
