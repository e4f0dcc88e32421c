// Two workers, and what the first hands over to the second.
#include "unit/server_fixture.hpp"

#include <catch2/catch.hpp>

using namespace test;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

namespace {

// The test is the master: it passes on what the old worker sends back.
struct Succession {
    explicit Succession(const server::WorkerOptions& options = long_timeouts())
        : old(options), fresh(long_timeouts()) {
        old.start();
        fresh.start();
    }
    // The next connection handed over; empty if there is none, or the old worker has ended.
    base::Message next() {
        base::Message message;
        eventually([&] { return base::receive(old.channel(), message) != base::PassResult::again; });
        return message;
    }
    bool pass_on_next() {
        const auto message = next();
        if (message.fd) fresh.pass(message.fd.get(), message.text);
        return static_cast<bool>(message.fd);
    }
    bool nothing_comes(std::chrono::milliseconds time) {
        std::this_thread::sleep_for(time);
        base::Message message;
        return base::receive(old.channel(), message) == base::PassResult::again;
    }

    RunningWorker old, fresh;
};

std::string numbered(int from, int to) {
    std::string text;
    for (int i = from; i < to; ++i) text += request(std::to_string(i));
    return text;
}

}  // namespace

TEST_CASE("a superseded worker hands over connections that are idle, and ends") {
    Succession workers;
    auto asked = workers.old.connect();
    auto silent = workers.old.connect();
    asked.send(request("a"));
    REQUIRE(asked.reply() == "seen a");
    workers.old.supersede();
    REQUIRE(workers.pass_on_next());
    REQUIRE(workers.pass_on_next());
    REQUIRE(workers.old.join() == server::Ended::clean);
    REQUIRE(workers.old.open == 0);
    asked.send(request("b"));
    silent.send(request("c"));
    REQUIRE(asked.reply() == "seen b");
    REQUIRE(silent.reply() == "seen c");
    REQUIRE(workers.old.handler.batches().size() == 1);
    REQUIRE(workers.fresh.open == 2);
}

TEST_CASE("the state of a connection is handed over with it") {
    Succession workers;
    auto client = workers.old.connect();
    for (const char* name : {"a", "b"}) {
        client.send(request(name));
        REQUIRE(client.reply() == std::string("seen ") + name);
    }
    workers.old.supersede();
    REQUIRE(workers.pass_on_next());
    client.send(request("c"));
    REQUIRE(client.reply() == "seen c");
    workers.fresh.supersede();
    base::Message message;
    REQUIRE(eventually(
        [&] { return base::receive(workers.fresh.channel(), message) == base::PassResult::done; }));
    REQUIRE_THAT(message.text, Catch::Contains("abc"));
}

TEST_CASE("a pending request is answered first, then its connection is handed over") {
    Succession workers;
    workers.old.handler.hold();
    auto client = workers.old.connect();
    client.send(request("in hand"));
    REQUIRE(eventually([&] { return workers.old.handler.batches().size() == 1; }));
    workers.old.supersede();
    REQUIRE(workers.nothing_comes(100ms));
    client.send(request("meanwhile"));
    workers.old.handler.release();
    REQUIRE(workers.pass_on_next());
    REQUIRE(client.replies(2) == Strings{"seen in hand", "seen meanwhile"});
    REQUIRE(workers.old.handler.batches() == std::vector<std::size_t>{1});
}

TEST_CASE("a request that has begun is completed by the successor") {
    Succession workers;
    auto client = workers.old.connect();
    const std::string text = request("begun");
    const std::size_t split = GENERATE(1, 20, 37, 44);
    client.send(text.substr(0, split));
    std::this_thread::sleep_for(20ms);  // usually long enough to be read
    workers.old.supersede();
    REQUIRE(workers.pass_on_next());
    client.send(text.substr(split));
    REQUIRE(client.reply() == "seen begun");
}

TEST_CASE("a client that asks without pause is handed over, and each request is answered once") {
    Succession workers;
    auto client = workers.old.connect();
    constexpr int requests = 50'000;
    std::thread writer([&] { client.send(numbered(0, requests)); });
    Strings replies = client.replies(100);
    workers.old.supersede();
    bool passed_on = false;
    std::thread master([&] { passed_on = workers.pass_on_next(); });
    for (int i = 100; i < requests; ++i) replies.push_back(client.reply());
    writer.join();
    master.join();
    REQUIRE(passed_on);
    for (int i = 0; i < requests; ++i) REQUIRE(replies[i] == "seen " + std::to_string(i));
    REQUIRE_FALSE(workers.fresh.handler.batches().empty());
}

TEST_CASE("the start of a request that is too long to go along is read on") {
    Succession workers;
    auto client = workers.old.connect();
    std::string start = "recipient=long\n";
    for (int i = 0; i < 20; ++i) start += std::to_string(i) + "=" + std::string(400, 'x') + "\n";
    client.send(request("first") + start);
    REQUIRE(client.reply() == "seen first");  // so the start has been read too
    workers.old.supersede();
    SECTION("until it is complete") {
        client.send("\n" + request("next"));
        REQUIRE(workers.pass_on_next());
        REQUIRE(client.replies(2) == Strings{"seen long", "seen next"});
    }
    SECTION("but not for ever") {
        REQUIRE(client.reply() == "<end>");
        REQUIRE(workers.old.join() == server::Ended::clean);
        REQUIRE(workers.old.open == 0);
    }
}

TEST_CASE("while the channel is full the connections wait, and none is lost") {
    Succession workers;
    std::vector<Client> clients;
    for (int i = 0; i < 600; ++i) clients.push_back(workers.old.connect());
    REQUIRE(eventually([&] { return workers.old.ready.load(); }));
    workers.old.supersede();
    std::this_thread::sleep_for(100ms);  // its queue is full now
    REQUIRE(workers.old.open > 0);
    for (std::size_t i = 0; i < clients.size(); ++i) REQUIRE(workers.pass_on_next());
    REQUIRE(workers.old.join() == server::Ended::clean);
    for (auto& client : clients) client.send(request("a"));
    for (auto& client : clients) REQUIRE(client.reply() == "seen a");
    REQUIRE(workers.fresh.open == 600);
}

TEST_CASE("if connections cannot be sent back, they are closed after their replies") {
    RunningWorker worker(long_timeouts());
    worker.handler.hold();
    worker.start();
    auto client = worker.connect();
    client.send(request("a"));
    REQUIRE(eventually([&] { return worker.handler.batches().size() == 1; }));
    SECTION("because there is an order to stop") {
        worker.supersede();
        worker.stop();
    }
    SECTION("because the master is gone") {
        worker.end_channel();
    }
    std::this_thread::sleep_for(20ms);
    worker.handler.release();
    REQUIRE(client.replies(2) == Strings{"seen a", "<end>"});
    REQUIRE(worker.join() == server::Ended::clean);
}

TEST_CASE("a request answered without the database, but still in it, does not keep its connection") {
    Succession workers(with_time_limit(50));
    workers.old.handler.become_deaf();
    auto client = workers.old.connect();
    client.send(request("first"));
    REQUIRE(client.reply() == "seen first");
    workers.old.handler.hold();
    client.send(request("late"));
    REQUIRE(client.reply() == "meanwhile late");
    workers.old.supersede();
    const auto message = workers.next();
    REQUIRE(message.fd);
    REQUIRE(message.text.empty());  // the state may just be written
    workers.old.handler.release();
    REQUIRE(workers.old.join() == server::Ended::clean);
}

TEST_CASE("a text that no worker has written does no harm") {
    RunningWorker worker(long_timeouts());
    worker.start();
    for (const std::string& text :
         {std::string("2"), std::string("2 "), std::string("2 p"), std::string("2 p 3 ab"),
          std::string("2 p -1 ab"), std::string("2 p 99999999999999999999 ab"),
          std::string("1 0 recipient=x"), std::string("2 p 0ab"), std::string("2 x 0 ab"),
          "2 p 2049 " + std::string(3000, 'x'), "2 p 0 " + std::string(5000, 'x'),
          std::string(base::longest_text, '1'), std::string("\0\n\n", 3)}) {
        CAPTURE(text);
        int pair[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
        const base::unique_fd theirs{pair[1]};
        Client client{base::unique_fd{pair[0]}};
        worker.pass(theirs.get(), text);
        client.send(request("a"));
        REQUIRE(client.reply() == "seen a");
    }
}

TEST_CASE("at a stop a client that asks without pause gets the replies to what it has asked, and no more") {
    RunningWorker worker(long_timeouts());
    worker.start();
    auto client = worker.connect();
    std::thread writer([&] {
        for (int i = 0; client.send(request(std::to_string(i))); ++i) {
        }
    });
    Strings replies = client.replies(100);
    worker.stop();
    while (replies.back().starts_with("seen ")) replies.push_back(client.reply());
    writer.join();
    REQUIRE(replies.back() == "<end>");
    for (std::size_t i = 0; i + 1 < replies.size(); ++i) REQUIRE(replies[i] == "seen " + std::to_string(i));
    REQUIRE(worker.join() == server::Ended::clean);
    REQUIRE(worker.open == 0);
}

TEST_CASE("a stop does not wait for a client that reads nothing") {
    RunningWorker worker(long_timeouts());
    worker.start();
    auto deaf = worker.connect();
    std::thread writer([&] { deaf.send(numbered(0, 50'000)); });
    std::this_thread::sleep_for(100ms);
    const auto begin = std::chrono::steady_clock::now();
    worker.stop();
    REQUIRE(worker.join() == server::Ended::clean);
    REQUIRE(std::chrono::steady_clock::now() - begin < 20s);  // the drain limit is 60 s
    writer.join();
}
