// Requests in, replies out: order, splitting, batching, half-closing.
#include "unit/server_fixture.hpp"

#include <catch2/catch.hpp>

using namespace test;

TEST_CASE("a request gets its reply and the connection stays open for more") {
    RunningWorker worker(long_timeouts());
    worker.start();
    auto client = worker.connect();
    REQUIRE(client.send(request("a")));
    REQUIRE(client.reply() == "seen a");
    REQUIRE(client.send(request("b")));
    REQUIRE(client.reply() == "seen b");
    REQUIRE(worker.open == 1);
}

TEST_CASE("a worker says that it is ready once the first recover is done") {
    RunningWorker worker(long_timeouts());
    worker.handler.hold_recover();
    worker.start();
    REQUIRE(eventually([&] { return worker.handler.recovers() == 1; }));
    REQUIRE_FALSE(worker.ready);
    worker.handler.release();
    REQUIRE(eventually([&] { return worker.ready.load(); }));
}

TEST_CASE("a request that arrives before the first recover is done waits for it") {
    RunningWorker worker(long_timeouts());
    worker.handler.hold_recover();
    worker.start();
    auto client = worker.connect();
    client.send(request("a"));
    REQUIRE(eventually([&] { return worker.handler.recovers() == 1; }));
    worker.handler.release();
    REQUIRE(client.reply() == "seen a");
}

TEST_CASE("a request that arrives byte by byte is one request") {
    RunningWorker worker(long_timeouts());
    worker.start();
    auto client = worker.connect();
    for (const char byte : request("split") + request("again")) {
        client.send(std::string(1, byte));
        std::this_thread::sleep_for(std::chrono::microseconds{200});
    }
    REQUIRE(client.replies(2) == std::vector<std::string>{"seen split", "seen again"});
}

TEST_CASE("several requests in one write are answered in order") {
    RunningWorker worker(long_timeouts());
    worker.start();
    auto client = worker.connect();
    std::string text;
    std::vector<std::string> expected;
    for (int i = 0; i < 1000; ++i) {  // far more than may be unanswered at once, or fit in a batch
        text += request(std::to_string(i));
        expected.push_back("seen " + std::to_string(i));
    }
    std::thread writer([&] { client.send(text); });
    const auto replies = client.replies(1000);
    writer.join();
    REQUIRE(replies == expected);
    for (const auto size : worker.handler.batches()) REQUIRE(size <= server::batch_limit);
}

TEST_CASE("replies keep their order when later requests are answered without the database") {
    RunningWorker worker(long_timeouts());
    worker.handler.hold();
    worker.start();
    auto client = worker.connect();
    client.send(request("first"));
    REQUIRE(eventually([&] { return worker.handler.batches().size() == 1; }));
    worker.handler.cut_off();
    client.send(request("second"));
    auto other = worker.connect();
    other.send(request("other"));
    REQUIRE(other.reply() == "fallback other");
    REQUIRE_FALSE(client.wait(std::chrono::milliseconds{0}));
    worker.handler.release();
    REQUIRE(client.replies(2) == std::vector<std::string>{"seen first", "fallback second"});
}

TEST_CASE("a client that half-closes after a full request gets its reply and is closed") {
    RunningWorker worker(long_timeouts());
    worker.start();
    auto client = worker.connect();
    client.send(request("a") + "recipient=never complete\n");
    client.half_close();
    REQUIRE(client.reply() == "seen a");
    REQUIRE(client.reply() == "<end>");
    REQUIRE(eventually([&] { return worker.open == 0; }));
}

TEST_CASE("requests that arrive during a database visit are one batch") {
    RunningWorker worker(long_timeouts());
    worker.handler.hold();
    worker.start();
    auto first = worker.connect();
    first.send(request("first"));
    REQUIRE(eventually([&] { return worker.handler.batches().size() == 1; }));
    std::vector<Client> clients;
    for (int i = 0; i < 70; ++i) clients.push_back(worker.connect());
    for (int i = 0; i < 70; ++i) clients[i].send(request(std::to_string(i)));
    // Once the loop answers a later request, it has read them all.
    auto probe = worker.connect();
    probe.half_close();
    REQUIRE(probe.reply() == "<end>");
    worker.handler.release();
    REQUIRE(first.reply() == "seen first");
    for (int i = 0; i < 70; ++i) REQUIRE(clients[i].reply() == "seen " + std::to_string(i));
    REQUIRE(worker.handler.batches() == std::vector<std::size_t>{1, 64, 6});
}

TEST_CASE("the reply to a disconnected client is dropped and the others get theirs") {
    RunningWorker worker(long_timeouts());
    worker.handler.hold();
    worker.start();
    auto stays = worker.connect();
    {
        auto goes = worker.connect();
        goes.send(request("goes"));
        stays.send(request("stays"));
        REQUIRE(eventually([&] { return worker.handler.batches().size() == 1; }));
    }
    REQUIRE(eventually([&] { return worker.open == 1; }));
    worker.handler.release();
    REQUIRE(stays.reply() == "seen stays");
}

TEST_CASE("an idle connection is never written to") {
    RunningWorker worker(with_time_limit(20));
    worker.start();
    auto client = worker.connect();
    auto begun = worker.connect();
    begun.send("recipient=b");
    REQUIRE_FALSE(client.wait(std::chrono::milliseconds{200}));
    REQUIRE_FALSE(begun.wait(std::chrono::milliseconds{0}));
    begun.send("\n\n");
    REQUIRE(begun.reply() == "seen b");
}
