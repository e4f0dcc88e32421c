// Limits: time, connections, clients that do not read; and the end of a worker.
#include "unit/server_fixture.hpp"

#include <csignal>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/resource.h>

using namespace test;

namespace {

// Asks again and again about the recipient "later", until that is the reply.
bool comes_to_reply(Client& client, const std::string& reply) {
    return eventually([&] { return client.send(request("later")) && client.reply() == reply; });
}

}  // namespace

TEST_CASE("when a batch is late all are answered without the database, and newcomers too") {
    RunningWorker worker(with_time_limit(200));
    worker.handler.become_deaf();  // give_up() has no effect
    worker.handler.hold();
    worker.start();
    auto in_hand = worker.connect();
    in_hand.send(request("in hand"));
    REQUIRE(eventually([&] { return worker.handler.batches().size() == 1; }));
    auto waiting = worker.connect();
    waiting.send(request("waiting"));
    REQUIRE(in_hand.reply() == "meanwhile in hand");
    REQUIRE(waiting.reply() == "fallback waiting");
    waiting.send(request("newcomer"));
    REQUIRE(waiting.reply() == "fallback newcomer");
    REQUIRE(worker.handler.give_ups() == 1);
    REQUIRE(worker.handler.batches().size() == 1);

    SECTION("and when it is back and the database too, it is asked again; its late result is ignored") {
        worker.handler.release();
        REQUIRE(comes_to_reply(waiting, "seen later"));
        in_hand.send(request("next"));
        REQUIRE(in_hand.reply() == "seen next");
    }
    SECTION("and one line tells it") {
        worker.handler.release();
        worker.stop();
        REQUIRE(worker.join() == server::Ended::clean);
        REQUIRE(worker.lines() == std::vector<std::string>{
                                      "system: no decision within 200 ms: answering without the database (1 "
                                      "requests in hand, 1 waiting)"});
    }
}

TEST_CASE("a database that was given up recovers by itself") {
    RunningWorker worker(with_time_limit(50));
    worker.handler.hold();
    worker.start();
    auto client = worker.connect();
    client.send(request("a"));
    REQUIRE(client.reply() == "meanwhile a");
    worker.handler.release();
    REQUIRE(comes_to_reply(client, "seen later"));
    REQUIRE(worker.handler.recovers() >= 2);
}

TEST_CASE("a first recover that takes too long delays no request") {
    RunningWorker worker(with_time_limit(50));
    worker.handler.hold_recover();
    worker.start();
    auto client = worker.connect();
    client.send(request("a"));
    REQUIRE(client.reply() == "fallback a");
    REQUIRE(eventually([&] { return worker.ready.load(); }));
    REQUIRE(worker.handler.give_ups() == 0);  // no request is pending
    worker.handler.release();
    REQUIRE(comes_to_reply(client, "seen later"));
}

TEST_CASE("while the database is unavailable the worker tries to recover and no request waits") {
    RunningWorker worker(long_timeouts());
    worker.handler.unreachable();
    worker.start();
    auto client = worker.connect();
    client.send(request("a"));
    REQUIRE(client.reply() == "fallback a");
    REQUIRE(eventually([&] { return worker.handler.recovers() >= 2; }));
    REQUIRE(worker.handler.batches().empty());
    worker.handler.mend();
    REQUIRE(comes_to_reply(client, "seen later"));
}

TEST_CASE("the requests of a client that does not read its replies are no longer read") {
    RunningWorker worker(long_timeouts());
    worker.start();
    auto client = worker.connect();
    const std::string block = request(std::string(500, 'r'));
    std::size_t accepted = 0;
    constexpr std::size_t too_much = 64u << 20;
    pollfd writable{client.fd(), POLLOUT, 0};
    while (accepted<too_much&& ::poll(&writable, 1, 1000)> 0) {
        const auto sent = ::send(client.fd(), block.data(), block.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) accepted += static_cast<std::size_t>(sent);
    }
    REQUIRE(accepted < too_much);
    auto other = worker.connect();
    other.send(request("other"));
    REQUIRE(other.reply() == "seen other");
    REQUIRE(worker.open == 2);
    // Once the client reads, everything continues.
    REQUIRE(client.reply() == "seen " + std::string(500, 'r'));
    const auto read_on = [&] {
        return client.reply() == "seen " + std::string(500, 'r') && ::poll(&writable, 1, 0) > 0;
    };
    REQUIRE(eventually(read_on));
}

TEST_CASE("a client that never reads its replies is closed") {
    auto options = long_timeouts();
    options.unread_limit = std::chrono::milliseconds{100};
    RunningWorker worker(options);
    worker.start();
    auto client = worker.connect();
    const std::string block = request(std::string(500, 'r'));
    REQUIRE(eventually([&] {
        ::send(client.fd(), block.data(), block.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        return worker.open == 0;
    }));
}

TEST_CASE("tiny requests in great number are answered, a bounded number at a time") {
    auto options = long_timeouts();
    options.max_waiting = 3;
    RunningWorker worker(options);
    worker.handler.hold();
    worker.start();
    auto client = worker.connect();
    std::string text;
    for (int i = 0; i < 500; ++i) text += "a=\n\n";
    client.send(text);
    REQUIRE(eventually([&] { return worker.handler.batches().size() == 1; }));
    worker.handler.release();
    REQUIRE(client.replies(500) == std::vector<std::string>(500, "seen "));
    for (const auto size : worker.handler.batches()) REQUIRE(size <= 3);
}

TEST_CASE("a flood from many connections is answered to the last one") {
    RunningWorker worker(long_timeouts());
    worker.handler.hold();
    worker.start();
    std::string text;
    for (int i = 0; i < 64; ++i) text += request(std::to_string(i));
    std::vector<Client> clients;
    for (int i = 0; i < 40; ++i) clients.push_back(worker.connect());  // 2560 requests, more than may wait
    for (auto& client : clients) client.send(text);
    REQUIRE(eventually([&] { return worker.handler.batches().size() == 1; }));
    worker.handler.release();
    for (auto& client : clients)
        for (int i = 0; i < 64; ++i) REQUIRE(client.reply() == "seen " + std::to_string(i));
}

TEST_CASE("beyond max_connections the connection that has been idle for longest is closed") {
    auto options = long_timeouts();
    options.max_connections = 3;
    RunningWorker worker(options);
    worker.start();
    std::vector<Client> clients;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(worker.connect());
        clients[i].send(request("a"));
        REQUIRE(clients[i].reply() == "seen a");
    }
    clients[0].send(request("b"));
    REQUIRE(clients[0].reply() == "seen b");
    auto newcomer = worker.connect();
    newcomer.send(request("c"));
    REQUIRE(newcomer.reply() == "seen c");
    REQUIRE(clients[1].reply() == "<end>");
    REQUIRE(worker.open == 3);
    clients[0].send(request("d"));
    REQUIRE(clients[0].reply() == "seen d");
}

TEST_CASE("a descriptor that was lost for want of a free one is survived and counted off") {
    RunningWorker worker(long_timeouts());
    worker.start();
    auto client = worker.connect();
    client.send(request("a"));
    REQUIRE(client.reply() == "seen a");
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    int pair[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    const base::unique_fd mine{pair[0]};
    const base::unique_fd theirs{pair[1]};
    const base::unique_fd next_free{::dup(mine.get())};
    rlimit low = before;
    low.rlim_cur = static_cast<rlim_t>(next_free.get());
    ::setrlimit(RLIMIT_NOFILE, &low);
    ++worker.open;
    const bool passed = base::send_fd(worker.channel(), theirs.get()) == base::PassResult::done;
    const bool counted_off = eventually([&] { return worker.open == 0; });
    ::setrlimit(RLIMIT_NOFILE, &before);
    REQUIRE(passed);
    REQUIRE(counted_off);  // the lost one and the idle one that was closed for a new one
    auto later = worker.connect();
    later.send(request("b"));
    REQUIRE(later.reply() == "seen b");
}

TEST_CASE("the order to stop closes idle connections and ends the worker") {
    RunningWorker worker(long_timeouts());
    worker.start();
    auto idle = worker.connect();
    idle.send(request("a"));
    REQUIRE(idle.reply() == "seen a");
    SECTION("by stop") {
        worker.stop();
    }
    SECTION("by the end of the channel") {
        worker.end_channel();
    }
    REQUIRE(idle.reply() == "<end>");
    REQUIRE(worker.join() == server::Ended::clean);
    REQUIRE(worker.open == 0);
}

TEST_CASE("requests pending at the order to stop are answered first") {
    RunningWorker worker(long_timeouts());
    worker.handler.hold();
    worker.start();
    auto in_hand = worker.connect();
    in_hand.send(request("in hand"));
    REQUIRE(eventually([&] { return worker.handler.batches().size() == 1; }));
    auto waiting = worker.connect();
    waiting.send(request("1") + request("2"));
    auto begun = worker.connect();
    begun.send("recipient=be");
    worker.stop();
    REQUIRE(begun.send("gun\n\n"));
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    REQUIRE_FALSE(worker.done);
    worker.handler.release();
    REQUIRE(in_hand.reply() == "seen in hand");
    REQUIRE(waiting.replies(3) == std::vector<std::string>{"seen 1", "seen 2", "<end>"});
    REQUIRE(begun.reply() == "seen begun");
    REQUIRE(worker.join() == server::Ended::clean);
    REQUIRE(worker.open == 0);
}

TEST_CASE("a connection passed just before the end is still served") {
    RunningWorker worker(long_timeouts());
    worker.start();
    REQUIRE(eventually([&] { return worker.ready.load(); }));
    std::vector<Client> clients;
    for (int i = 0; i < 20; ++i) clients.push_back(worker.connect());
    for (auto& client : clients) client.send(request("a"));
    worker.end_channel();
    for (auto& client : clients) REQUIRE(client.reply() == "seen a");
    REQUIRE(worker.join() == server::Ended::clean);
}

TEST_CASE("a request begun before the stop and never completed does not delay the end") {
    RunningWorker worker(long_timeouts());
    worker.start();
    auto begun = worker.connect();
    begun.send("recipient=never");
    worker.stop();
    REQUIRE(begun.reply() == "<end>");
    REQUIRE(worker.join() == server::Ended::clean);
}

TEST_CASE("at the drain limit the rest is closed without a reply") {
    auto options = long_timeouts();
    options.drain_limit = std::chrono::milliseconds{100};
    RunningWorker worker(options);
    worker.handler.hold();
    worker.start();
    auto client = worker.connect();
    client.send(request("a"));
    REQUIRE(eventually([&] { return worker.handler.batches().size() == 1; }));
    SECTION("and a job that can be given up ends cleanly") {
        worker.stop();
        REQUIRE(client.reply() == "<end>");
        REQUIRE(worker.join() == server::Ended::clean);
        REQUIRE(worker.handler.give_ups() == 1);
    }
    SECTION("and one that cannot is left behind") {
        worker.handler.become_deaf();
        worker.stop();
        REQUIRE(client.reply() == "<end>");
        REQUIRE(worker.join() == server::Ended::job_stuck);
        worker.handler.release();
        // Its thread is still in the handler, which this test destroys.
        REQUIRE(eventually([&] { return !worker.handler.being_asked(); }));
    }
    REQUIRE(worker.open == 0);
}

TEST_CASE("the threads of a worker take no signals") {
    // A signal sent to the process while the loop thread blocks it must stay pending: if another thread took
    // it, the default action would end this test program.
    sigset_t usr2, before;
    sigemptyset(&usr2);
    sigaddset(&usr2, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &usr2, &before);
    {
        RunningWorker worker(long_timeouts());
        worker.start();
        REQUIRE(eventually([&] { return worker.ready.load(); }));
        ::kill(::getpid(), SIGUSR2);
        auto client = worker.connect();
        client.send(request("a"));
        REQUIRE(client.reply() == "seen a");
    }
    const timespec none{};
    REQUIRE(::sigtimedwait(&usr2, nullptr, &none) == SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_CASE("a signal that interrupts a system call of the worker ends nothing") {
    struct sigaction heard {};
    struct sigaction before {};
    heard.sa_handler = [](int) {};  // without SA_RESTART
    ::sigaction(SIGUSR1, &heard, &before);
    {
        RunningWorker worker(long_timeouts());
        worker.handler.hold();
        worker.start();
        auto client = worker.connect();
        client.send(request("a"));
        REQUIRE(eventually([&] { return worker.handler.batches().size() == 1; }));
        worker.interrupt(SIGUSR1);
        auto other = worker.connect();  // the loop continues
        other.half_close();
        REQUIRE(other.reply() == "<end>");
        worker.handler.release();
        REQUIRE(client.reply() == "seen a");
        REQUIRE_FALSE(worker.done);
    }
    ::sigaction(SIGUSR1, &before, nullptr);
}
