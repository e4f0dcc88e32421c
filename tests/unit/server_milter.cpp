// Connections of the milter front in a worker: beside those of the policy front, at wrong bytes, and handed
// over.
#include "sqlgrey/server/front.hpp"
#include "unit/milter_fixture.hpp"
#include "unit/server_fixture.hpp"

#include <catch2/catch.hpp>

using namespace test;

namespace {

// A mail server's end of a connection, and the worker's.
struct MailServer {
    MailServer() {
        int pair[2];
        ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
        own.reset(pair[0]);
        theirs.reset(pair[1]);
    }
    void connect_to(RunningWorker& worker) {
        worker.pass(theirs.get(), server::text_of_new_connection(server::Front::milter));
        theirs.reset();
    }
    void send(const std::string& bytes) const { ::send(own.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    // So many bytes, or fewer if the connection is closed or nothing comes.
    std::string read(std::size_t size) const {
        std::string bytes;
        while (bytes.size() < size) {
            pollfd poll{own.get(), POLLIN, 0};
            if (::poll(&poll, 1, static_cast<int>(std::chrono::milliseconds{reply_timeout}.count())) <= 0)
                break;
            std::array<char, 4096> some;
            const auto got = ::recv(own.get(), some.data(), std::min(size - bytes.size(), some.size()), 0);
            if (got <= 0) break;
            bytes.append(some.data(), static_cast<std::size_t>(got));
        }
        return bytes;
    }
    void begin() const {
        send(packet('O', number(2) + number(0x3f) + number(0x7f)));
        REQUIRE(read(17) == packet('O', number(2) + number(0x21) + number(0x70)));
        send(client("mx.example.org", "192.0.2.10"));
        REQUIRE(read(5) == packet('c'));
    }

    base::unique_fd own, theirs;
};

}  // namespace

TEST_CASE("both fronts are served side by side") {
    RunningWorker worker(long_timeouts());
    worker.start();
    auto policy_client = worker.connect();
    MailServer mail_server;
    mail_server.connect_to(worker);
    mail_server.begin();
    mail_server.send(mail() + recipient());
    REQUIRE(mail_server.read(10) == packet('c') + packet('c'));
    policy_client.send(request("a"));
    REQUIRE(policy_client.reply() == "seen a");
    mail_server.send(packet('E'));
    REQUIRE(mail_server.read(5) == packet('c'));
    REQUIRE(worker.counters.milter_connections.value() == 1);
}

TEST_CASE("wrong bytes close only the connection that they come from, and are logged") {
    RunningWorker worker(long_timeouts());
    worker.start();
    MailServer good, wrong, late;
    for (MailServer* each : {&good, &wrong, &late}) each->connect_to(worker);
    good.begin();
    late.begin();
    wrong.send(request("a"));
    REQUIRE(wrong.read(1).empty());
    late.send(recipient());
    REQUIRE(late.read(1).empty());
    good.send(mail() + recipient());
    REQUIRE(good.read(10) == packet('c') + packet('c'));
    worker.stop();
    REQUIRE(worker.join() == server::Ended::clean);
    REQUIRE(worker.lines() ==
            std::vector<std::string>{
                "martians: a client of the milter socket sent something else than packets of the milter "
                "protocol: closing its connection",
                "martians: a client of the milter socket named a recipient without a sender: closing its "
                "connection"});
}

TEST_CASE("a mail server is handed over in the middle of a message, and of a packet") {
    RunningWorker old(long_timeouts()), fresh(long_timeouts());
    old.start();
    fresh.start();
    MailServer mail_server;
    mail_server.connect_to(old);
    mail_server.begin();
    const std::string second = recipient("eve@example.net");
    mail_server.send(mail() + recipient() + second.substr(0, 9));
    REQUIRE(mail_server.read(10) == packet('c') + packet('c'));
    old.supersede();
    base::Message message;
    REQUIRE(eventually([&] { return base::receive(old.channel(), message) == base::PassResult::done; }));
    REQUIRE(message.fd);
    fresh.pass(message.fd.get(), message.text);
    message.fd.reset();
    REQUIRE(old.join() == server::Ended::clean);
    mail_server.send(second.substr(9));
    REQUIRE(mail_server.read(5) == packet('c'));
    REQUIRE(fresh.handler.batches().size() == 1);
    REQUIRE(fresh.counters.milter_connections.value() == 0);
    mail_server.send(packet('Q'));
    REQUIRE(mail_server.read(1).empty());
    REQUIRE(eventually([&] { return fresh.open == 0; }));
}
