// How a worker ends when its clients are gone, or when it cannot continue.
#include "unit/server_fixture.hpp"

#include <catch2/catch.hpp>

using namespace test;

TEST_CASE("at a stop a batch whose clients are gone is waited for, until its time limit") {
    const bool in_time = GENERATE(true, false);
    RunningWorker worker(in_time ? long_timeouts() : with_time_limit(100));
    if (!in_time) worker.handler.become_deaf();
    worker.handler.hold();
    worker.start();
    {
        auto client = worker.connect();
        client.send(request("a"));
        REQUIRE(eventually([&] { return worker.handler.batches().size() == 1; }));
    }
    REQUIRE(eventually([&] { return worker.open == 0; }));
    worker.stop();
    if (in_time) {
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
        REQUIRE_FALSE(worker.done);
        worker.handler.release();
        REQUIRE(worker.join() == server::Ended::clean);
        REQUIRE(worker.handler.give_ups() == 0);
    } else {
        REQUIRE(worker.join() == server::Ended::job_stuck);
        worker.handler.release();
        REQUIRE(eventually([&] { return !worker.handler.being_asked(); }));
    }
}

TEST_CASE("a handler without memory ends the worker, whichever thread is in it") {
    RunningWorker worker(long_timeouts());
    SECTION("while it connects") {
        worker.handler.fail();
        worker.start();
    }
    SECTION("while it answers") {
        worker.start();
        auto client = worker.connect();
        worker.handler.fail();
        client.send(request("a"));
        REQUIRE(client.reply() == "<end>");
    }
    SECTION("while it answers, and the other thread runs the loop") {
        worker.handler.hold();
        worker.start();
        auto client = worker.connect();
        client.send(request("a"));
        REQUIRE(eventually([&] { return worker.handler.batches().size() == 1; }));
        auto other = worker.connect();
        other.half_close();
        REQUIRE(other.reply() == "<end>");
        worker.handler.fail();
        worker.handler.release();
        REQUIRE(client.reply() == "<end>");
    }
    REQUIRE(eventually([&] { return worker.done.load(); }));
    REQUIRE(worker.failed);
}
