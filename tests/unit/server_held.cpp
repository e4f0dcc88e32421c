// Requests that are held until they can be decided: all others go on, none is held at the end, and how many
// are held is bounded.
#include "../../src/server/request_queue.hpp"
#include "unit/server_fixture.hpp"

#include <map>

#include <catch2/catch.hpp>

using namespace test;
using namespace std::chrono_literals;

namespace {

std::string reply_if_any(Client& client) {
    return client.wait(0ms) ? client.reply() : "";
}

// A queue without a loop, by a clock of its own.
struct Queue {
    FakeHandler handler;
    server::WorkerCounters counters;
    std::vector<std::string> lines;
    log::Logger logger{log::Levels{log::normal}, std::make_unique<log::MemorySink>(lines)};
    std::map<server::Ticket, std::string> replies;
    server::RequestQueue queue{
        handler, 2000ms, counters,
        [this](const server::Waiter& to, const policy::Reply& reply) { replies[to.ticket] = reply.code; },
        logger};
    server::Instant now = std::chrono::steady_clock::now();
    std::vector<policy::PendingRequest> last_batch;

    Queue() { visit(); }
    void ask(server::Ticket ticket, const std::string& recipient) {
        policy::Request request;
        request.set("recipient", recipient);
        queue.ask(1, ticket, {std::move(request), std::make_shared<policy::ConnectionState>()}, now);
    }
    // One turn of a loop, and the visit to the database. False if there was none.
    bool visit() {
        queue.answer_what_cannot_wait(now);
        const server::JobPtr job = queue.next_job(now);
        if (!job) return false;
        if (job->batch) {
            last_batch = *job->batch;
            job->replies = handler.answer(*job->batch);
        }
        queue.completed(*job, now);
        return true;
    }
};

}  // namespace

TEST_CASE("a held request is asked again until it has its reply, and others do not wait for it") {
    RunningWorker worker(long_timeouts());
    worker.handler.miss_facts();
    worker.start();
    auto stranger = worker.connect();
    auto other = worker.connect();
    stranger.send(request("held"));
    REQUIRE(eventually([&] { return worker.handler.asked_again() >= 3; }));
    other.send(request("other"));
    REQUIRE(other.reply() == "seen other");
    REQUIRE_FALSE(stranger.wait(0ms));
    worker.handler.find_facts();
    REQUIRE(stranger.reply() == "seen held");
}

TEST_CASE("replies keep their order when a request of the connection is held") {
    RunningWorker worker(long_timeouts());
    worker.handler.miss_facts();
    worker.start();
    auto client = worker.connect();
    client.send(request("a") + request("held") + request("b"));
    REQUIRE(client.reply() == "seen a");
    REQUIRE(eventually([&] { return worker.handler.asked_again() >= 2; }));
    REQUIRE_FALSE(client.wait(0ms));
    worker.handler.find_facts();
    REQUIRE(client.replies(2) == std::vector<std::string>{"seen held", "seen b"});
}

TEST_CASE("a worker holds 64 requests at most and has further ones decided at once") {
    RunningWorker worker(long_timeouts());
    worker.handler.miss_facts();
    worker.start();
    constexpr std::size_t count = server::held_limit + 6;
    std::vector<Client> clients;
    for (std::size_t i = 0; i < count; ++i) clients.push_back(worker.connect());
    for (Client& client : clients) client.send(request("held"));
    std::size_t decided = 0;
    REQUIRE(eventually([&] {
        for (Client& client : clients) decided += reply_if_any(client) == "seen held" ? 1 : 0;
        return decided == 6;
    }));
    const int before = worker.handler.asked_again();
    REQUIRE(eventually([&] { return worker.handler.asked_again() > before + 200; }));
    for (Client& client : clients) REQUIRE(reply_if_any(client).empty());
    worker.handler.find_facts();
    REQUIRE(eventually([&] {
        for (Client& client : clients) decided += reply_if_any(client) == "seen held" ? 1 : 0;
        return decided == count;
    }));
    worker.handler.miss_facts();  // there is room again
    const int after = worker.handler.asked_again();
    clients.front().send(request("held"));
    REQUIRE(eventually([&] { return worker.handler.asked_again() > after + 2; }));
    REQUIRE_FALSE(clients.front().wait(0ms));
}

TEST_CASE("a request whose client goes while it is held is decided, and frees its place") {
    RunningWorker worker(long_timeouts());
    worker.handler.miss_facts();
    worker.start();
    for (int round = 0; round < 3; ++round) {
        std::vector<Client> clients;
        for (std::size_t i = 0; i < server::held_limit; ++i) clients.push_back(worker.connect());
        for (Client& client : clients) client.send(request("held"));
        const int before = worker.handler.asked_again();
        REQUIRE(eventually([&] { return worker.handler.asked_again() > before + 200; }));
        clients.clear();
        REQUIRE(eventually([&] { return worker.open == 0; }));
        worker.handler.find_facts();
        auto probe = worker.connect();
        probe.send(request("probe"));
        REQUIRE(probe.reply() == "seen probe");
        REQUIRE(eventually([&] {
            const int asked = worker.handler.asked_again();
            std::this_thread::sleep_for(20ms);
            return worker.handler.asked_again() == asked;
        }));
        worker.handler.miss_facts();
    }
}

TEST_CASE("held requests are decided at once when the worker is to stop") {
    RunningWorker worker(long_timeouts());
    worker.handler.miss_facts();
    worker.start();
    auto client = worker.connect();
    client.send(request("held"));
    REQUIRE(eventually([&] { return worker.handler.asked_again() >= 1; }));
    worker.stop();
    REQUIRE(client.reply() == "seen held");
    REQUIRE(client.reply() == "<end>");
    REQUIRE(worker.join() == server::Ended::clean);
}

TEST_CASE("held requests are decided at once when there is a successor") {
    RunningWorker worker(long_timeouts());
    worker.handler.miss_facts();
    worker.start();
    auto client = worker.connect();
    client.send(request("held"));
    REQUIRE(eventually([&] { return worker.handler.asked_again() >= 1; }));
    worker.supersede();
    REQUIRE(client.reply() == "seen held");
    base::Message message;
    REQUIRE(eventually([&] { return base::receive(worker.channel(), message) == base::PassResult::done; }));
    REQUIRE(worker.join() == server::Ended::clean);
}

TEST_CASE("held requests are answered as others once the database is unavailable") {
    RunningWorker worker(long_timeouts());
    worker.handler.miss_facts();
    worker.start();
    auto client = worker.connect();
    client.send(request("held"));
    REQUIRE(eventually([&] { return worker.handler.asked_again() >= 1; }));
    worker.handler.cut_off();
    REQUIRE(client.reply() == "fallback held");
}

TEST_CASE("the handler is told once the replies are out, but not of replies that came too late") {
    RunningWorker worker(with_time_limit(50));
    worker.handler.become_deaf();
    worker.start();
    auto client = worker.connect();
    worker.handler.hold();
    client.send(request("late"));
    REQUIRE(client.reply() == "meanwhile late");
    worker.handler.release();
    REQUIRE(eventually([&] { return worker.handler.recovers() >= 2; }));
    REQUIRE(worker.handler.times_replied() == 0);
    REQUIRE(eventually([&] {  // a busy machine may be late again
        client.send(request("in time"));
        return client.reply() == "seen in time";
    }));
    REQUIRE(eventually([&] { return worker.handler.times_replied() >= 1; }));
}

TEST_CASE("a held request is asked again after the pause, with a new deadline, and knows how long it waits") {
    Queue q;
    q.handler.miss_facts();
    q.ask(0, "held");
    REQUIRE(q.visit());
    CHECK(q.last_batch.at(0).may_be_held);
    CHECK_FALSE(q.last_batch.at(0).was_held);
    CHECK(q.last_batch.at(0).since_arrival == 0ms);
    const server::Instant arrived = q.now;
    CHECK(q.queue.next_deadline() == arrived + 5ms);
    q.now += 4ms;
    CHECK_FALSE(q.visit());
    q.now = arrived + 5ms;
    REQUIRE(q.visit());
    CHECK(q.last_batch.at(0).was_held);
    CHECK(q.last_batch.at(0).since_arrival == 5ms);
    q.now = arrived + 1990ms;
    q.queue.answer_what_cannot_wait(q.now);
    CHECK(q.queue.next_deadline() == q.now + 2000ms);
    q.now = arrived + 2500ms;
    q.handler.find_facts();
    REQUIRE(q.visit());
    CHECK(q.last_batch.at(0).since_arrival == 2500ms);
    CHECK(q.replies == std::map<server::Ticket, std::string>{{0, "seen held"}});
    CHECK_FALSE(q.queue.next_deadline());
    CHECK(q.lines.empty());
    CHECK(q.counters.held.value() == 1);
}

TEST_CASE("a request that is asked again waits behind those that have come meanwhile") {
    Queue q;
    q.handler.miss_facts();
    q.ask(0, "held");
    REQUIRE(q.visit());
    q.ask(1, "other");
    q.now += 5ms;
    REQUIRE(q.visit());
    REQUIRE(q.last_batch.size() == 2);
    CHECK(q.last_batch.at(0).request.get("recipient") == "other");
    CHECK(q.last_batch.at(1).was_held);
}

TEST_CASE("no request may be held once that is over") {
    Queue q;
    q.handler.miss_facts();
    q.ask(0, "held 1");
    REQUIRE(q.visit());
    q.queue.stop_holding();
    q.ask(1, "held 2");
    REQUIRE(q.visit());
    CHECK(q.replies.size() == 2);
}
