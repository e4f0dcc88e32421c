// Connections for one request, as Exim's ${readsocket} needs them.
#include "unit/server_fixture.hpp"

#include <catch2/catch.hpp>
#include <netinet/in.h>

using namespace test;

namespace {

server::WorkerOptions one_reply() {
    auto options = long_timeouts();
    options.close_after_reply = true;
    return options;
}

// Both ends of a TCP connection. Unlike a Unix socket, it is reset when closed with unread bytes.
struct Tcp {
    base::unique_fd ours, theirs;
    Tcp() {
        const base::unique_fd listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof name;
        REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr*>(&name), length) == 0);
        REQUIRE(::listen(listener.get(), 1) == 0);
        ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&name), &length);
        ours.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        REQUIRE(::connect(ours.get(), reinterpret_cast<sockaddr*>(&name), length) == 0);
        theirs.reset(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        REQUIRE(theirs);
    }
};

Client pass(RunningWorker& worker, Tcp& tcp) {
    ++worker.open;
    REQUIRE(base::send_fd(worker.channel(), tcp.theirs.get()) == base::PassResult::done);
    tcp.theirs.reset();
    return Client(std::move(tcp.ours));
}

}  // namespace

TEST_CASE("for Exim a connection is closed after its one reply, although the client keeps its side open") {
    RunningWorker worker(one_reply());
    worker.start();
    for (const char* name : {"first", "second"}) {
        auto client = worker.connect();
        REQUIRE(client.send(request(name)));
        REQUIRE(client.reply() == std::string("seen ") + name);
        REQUIRE(client.reply() == "<end>");
    }
    REQUIRE(eventually([&] { return worker.open == 0; }));
}

TEST_CASE("for Exim it is closed only when there was something to answer") {
    RunningWorker worker(one_reply());
    worker.start();
    auto client = worker.connect();
    client.send("recipient=a\n");
    REQUIRE_FALSE(client.wait(std::chrono::milliseconds{100}));
    client.send("request=smtpd_access_policy\n\n");
    REQUIRE(client.reply() == "seen a");
    REQUIRE(client.reply() == "<end>");
}

TEST_CASE("for Exim bytes after the one request are not answered, and do not cost the reply") {
    RunningWorker worker(one_reply());
    worker.handler.hold();
    worker.start();
    Tcp tcp;
    auto client = pass(worker, tcp);
    REQUIRE(client.send(request("a") + request("b") + std::string(20'000, 'x')));
    REQUIRE(eventually([&] { return worker.handler.batches() == std::vector<std::size_t>{1}; }));
    REQUIRE(client.send(request("c") + std::string(20'000, 'y')));
    worker.handler.release();
    REQUIRE(client.reply() == "seen a");
    REQUIRE(client.reply() == "<end>");
    REQUIRE(worker.handler.batches() == std::vector<std::size_t>{1});
}

TEST_CASE("for Exim the connection is closed without a reset, although many bytes are unread") {
    RunningWorker worker(one_reply());
    worker.start();
    for (int round = 0; round < 20; ++round) {
        Tcp tcp;
        auto client = pass(worker, tcp);
        REQUIRE(client.send(request("a") + std::string(50'000, 'x')));
        REQUIRE(client.reply() == "seen a");
        REQUIRE(client.wait(reply_timeout));
        char byte;
        REQUIRE(::recv(client.fd(), &byte, 1, 0) == 0);
    }
}

TEST_CASE("for Exim a reply without the database ends the connection as well") {
    auto options = one_reply();
    options.time_limit = std::chrono::milliseconds{50};
    RunningWorker worker(options);
    worker.handler.hold();
    worker.start();
    auto client = worker.connect();
    client.send(request("a"));
    REQUIRE(client.reply() == "meanwhile a");
    REQUIRE(client.reply() == "<end>");
}
