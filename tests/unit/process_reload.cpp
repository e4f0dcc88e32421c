// Reloads and stops while clients are active.
#include "unit/process_fixture.hpp"

#include <catch2/catch.hpp>

using namespace test;
using Catch::Contains;

TEST_CASE("a reload replaces the workers and refuses nobody") {
    RunningMaster master;
    master.start(2);
    REQUIRE(master.wait_until_ready());
    const auto old = pid_in(master.ask());
    std::atomic<bool> enough{false};
    std::atomic<int> answered{0}, unanswered{0}, refused{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i)
        clients.emplace_back([&] {
            while (!enough) try {
                    const auto reply = master.ask();
                    reply[0] == '<' ? ++unanswered : ++answered;
                } catch (const std::runtime_error&) {
                    ++refused;
                }
        });
    const auto at_work = [&] {
        const int before = answered;
        return eventually([&] { return answered > before + 20 || unanswered + refused > 0; });
    };
    const bool before = at_work();
    master.signal(GENERATE(SIGHUP, SIGUSR1));
    const bool reloaded = eventually([&] { return !alive(old); });
    const bool after = at_work();
    const auto reply = master.ask();
    enough = true;
    for (auto& client : clients) client.join();
    REQUIRE(before);
    REQUIRE(reloaded);
    REQUIRE(after);
    REQUIRE(refused == 0);
    REQUIRE(unanswered == 0);
    REQUIRE(reply.substr(0, 2) == "2 ");
    REQUIRE(master.logs("system: 2 new workers are ready, the old ones finish\n"));
    REQUIRE(master.board->ready == 1);
}

TEST_CASE("bad settings leave the old generation at work") {
    RunningMaster master;
    SECTION("when there is no plan") {
        master.board->bad_settings = true;
    }
    SECTION("when making one throws") {
        master.board->reload_throws = true;
    }
    master.start(1);
    REQUIRE(master.wait_until_ready());
    const auto worker = pid_in(master.ask());
    master.signal(SIGHUP);
    REQUIRE(eventually([&] { return master.board->reloads == 1; }));
    REQUIRE(pid_in(master.ask()) == worker);
    if (master.board->reload_throws) REQUIRE(master.logs("cannot reload, going on as before: no such file"));
}

TEST_CASE("requests pending at a reload are answered by the old generation") {
    RunningMaster master;
    master.board->delay_ms = 300;
    master.start(1);
    REQUIRE(master.wait_until_ready());
    auto client = master.connect();
    client.send(request("a"));
    REQUIRE(eventually([&] { return master.board->asked == 1; }));
    master.signal(SIGHUP);
    REQUIRE(client.reply().substr(0, 2) == "1 ");
    master.board->delay_ms = 0;
    client.send(request("b"));
    REQUIRE(client.reply().substr(0, 2) == "2 ");
}

TEST_CASE("open connections go over to the new generation, also those that have never asked") {
    RunningMaster master;
    master.start(2);
    REQUIRE(master.wait_until_ready());
    const auto old = pid_in(master.ask());
    std::vector<Client> clients;
    for (int i = 0; i < 300; ++i) clients.push_back(master.connect());
    for (int i = 0; i < 150; ++i) {
        clients[i].send(request("a"));
        REQUIRE(clients[i].reply().substr(0, 2) == "1 ");
    }
    const int reloads = GENERATE(1, 5);
    for (int i = 0; i < reloads; ++i) {
        master.signal(SIGHUP);
        REQUIRE(eventually([&] { return master.board->reloads == i + 1; }));
    }
    REQUIRE(eventually([&] { return !alive(old); }));
    const std::string last = std::to_string(reloads + 1) + " ";
    REQUIRE(eventually([&] { return master.ask().starts_with(last); }));
    for (auto& client : clients) {
        client.send(request("b"));
        const std::string reply = client.reply();
        CAPTURE(reply);
        REQUIRE(reply.size() > 2);
        REQUIRE(reply[0] > '1');
        REQUIRE(reply[0] <= last[0]);
    }
}

TEST_CASE("reloads close no connection of clients that ask without pause") {
    RunningMaster master;
    master.start(2);
    REQUIRE(master.wait_until_ready());
    std::atomic<bool> enough{false};
    std::atomic<int> answered{0}, ended{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i)
        clients.emplace_back([&master, &enough, &answered, &ended] {
            for (auto client = master.connect(); !enough;) {
                client.send(request("a"));
                if (client.reply()[0] == '<') {
                    ++ended;
                    return;
                }
                ++answered;
            }
        });
    bool reloaded = true;
    for (int i = 0; i < 20 && reloaded; ++i) {
        const int before = answered;
        reloaded = eventually([&] { return answered > before + 100 || ended > 0; });
        master.signal(SIGHUP);
        reloaded = reloaded && eventually([&] { return master.board->reloads == i + 1; });
    }
    enough = true;
    for (auto& client : clients) client.join();
    REQUIRE(reloaded);
    REQUIRE(ended == 0);
}

TEST_CASE("while the workers of a new generation cannot start, the old one continues") {
    RunningMaster master;
    master.switch_limit = std::chrono::milliseconds{50};
    master.start(2);
    REQUIRE(master.wait_until_ready());
    auto client = master.connect();
    client.send(request("a"));
    REQUIRE(client.reply().substr(0, 2) == "1 ");
    master.board->broken = 6;
    master.signal(SIGHUP);
    REQUIRE(eventually([&] { return master.board->broken < 3; }));  // long after the limit
    client.send(request("b"));
    REQUIRE(client.reply().substr(0, 2) == "1 ");
    REQUIRE(master.ask().substr(0, 2) == "1 ");
    REQUIRE(eventually([&] { return master.ask().substr(0, 2) == "2 "; }));
    client.send(request("c"));
    REQUIRE(client.reply().substr(0, 2) == "2 ");
}

TEST_CASE("a stop while connections are handed over ends all the same") {
    RunningMaster master;
    master.start(2);
    REQUIRE(master.wait_until_ready());
    std::vector<Client> clients;
    for (int i = 0; i < 200; ++i) clients.push_back(master.connect());
    master.signal(SIGHUP);
    REQUIRE(eventually([&] { return master.board->starts >= 4; }));
    std::this_thread::sleep_for(std::chrono::milliseconds{GENERATE(0, 5, 20)});
    master.signal(SIGTERM);
    REQUIRE(master.status() == 0);
    for (auto& client : clients) REQUIRE(client.reply() == "<end>");
}

TEST_CASE("many reloads at once end with the last settings") {
    RunningMaster master;
    master.start(1);
    REQUIRE(master.wait_until_ready());
    const auto first = pid_in(master.ask());
    for (int i = 0; i < 50; ++i) {
        master.signal(SIGHUP);
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    REQUIRE(eventually([&] { return !alive(first); }));
    // Their number is unknown: signals that arrive at once count as one.
    REQUIRE(eventually([&] {
        const std::string generation = std::to_string(master.board->reloads + 1);
        return master.ask().starts_with(generation + " ");
    }));
    master.signal(SIGTERM);
    REQUIRE(master.status() == 0);
}

TEST_CASE("a worker that dies while its successors start is not replaced") {
    RunningMaster master;
    auto plan = serving_plan(*master.board, 1);
    master.start(std::move(plan));
    REQUIRE(master.wait_until_ready());
    const auto old = pid_in(master.ask());
    const int starts = master.board->starts;
    master.signal(SIGHUP);
    ::kill(old, SIGKILL);
    REQUIRE(eventually([&] { return master.ask().substr(0, 2) == "2 "; }));
    REQUIRE(eventually([&] { return master.board->starts >= starts + 2; }));
    REQUIRE(master.board->starts <= starts + 3);  // one more if it was seen dead before the reload
}

TEST_CASE("TERM under load answers pending requests and leaves no process behind") {
    RunningMaster master;
    master.board->delay_ms = 200;
    master.start(2);
    REQUIRE(master.wait_until_ready());
    const auto worker = pid_in(master.ask());
    std::vector<Client> clients;
    for (int i = 0; i < 40; ++i) {
        clients.push_back(master.connect());
        clients.back().send(request("a"));
    }
    auto idle = master.connect();
    master.signal(SIGTERM);
    for (auto& client : clients) REQUIRE_THAT(client.reply(), Contains("1 "));
    REQUIRE(idle.reply() == "<end>");
    REQUIRE(master.status() == 0);
    REQUIRE_FALSE(alive(worker));
    REQUIRE_THROWS(master.connect());
}

TEST_CASE("TERM before the workers are ready ends all the same") {
    RunningMaster master;
    master.start(2);
    master.signal(SIGCONT);
    REQUIRE(eventually([&] { return master.board->starts > 0; }));
    master.signal(SIGTERM);
    REQUIRE(master.status() == 0);
}
