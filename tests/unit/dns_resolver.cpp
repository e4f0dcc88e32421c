// The resolver with a socket on loopback that answers as the test says. Wrong messages: dns_parse_answer.cpp,
// and with a whole server tests/process/ctl_spf.py.
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/dns/resolver.hpp"

#include <set>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace sqlgrey::dns {
namespace {

using net::AnswerKind;
using net::DnsQuestion;
using net::RecordType;

// A UDP socket; nobody answers unless the test does.
class Peer {
  public:
    Peer() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        socklen_t size = sizeof address;
        const timeval longest{60, 0};  // a question that does not come is a failure, not a test that hangs
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
        REQUIRE(::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
        server_ = {net::parse_address("127.0.0.1").value(), ntohs(address.sin_port)};
    }
    Server server() const { return server_; }
    std::uint16_t port_of_client() const { return port_of_client_; }  // of the last question

    // Answers the next question: with this code in the header, or as truncated. False if it had no OPT
    // record.
    bool answer(int code, bool truncated = false) {
        unsigned char query[512];
        sockaddr_in client{};
        socklen_t size = sizeof client;
        const ssize_t got =
            ::recvfrom(fd_.get(), query, sizeof query, 0, reinterpret_cast<sockaddr*>(&client), &size);
        REQUIRE(got > 12);
        port_of_client_ = client.sin_port;
        query[2] = truncated ? 0x83 : 0x81;
        query[3] = static_cast<unsigned char>(0x80 | code);
        const bool has_options = query[11] != 0;
        query[11] = 0;
        const auto length = static_cast<std::size_t>(got) - (has_options ? size_of_options : 0);
        ::sendto(fd_.get(), query, length, 0, reinterpret_cast<sockaddr*>(&client), size);
        return has_options;
    }

  private:
    static constexpr std::size_t size_of_options = 11;  // of an OPT record without any

    base::unique_fd fd_;
    Server server_;
    std::uint16_t port_of_client_ = 0;
};

const DnsQuestion question{"a.example", RecordType::txt};

}  // namespace

TEST_CASE("a code of the server is the kind of the answer") {
    Peer peer;
    Resolver resolver{{.servers = {peer.server()}, .timeout = base::Milliseconds{60'000}}};
    for (const auto& [code, kind] : {std::pair{0, AnswerKind::no_data}, std::pair{2, AnswerKind::servfail},
                                     std::pair{3, AnswerKind::nxdomain}, std::pair{5, AnswerKind::servfail},
                                     std::pair{9, AnswerKind::servfail}}) {
        REQUIRE(resolver.ask(question));
        CHECK(resolver.waiting() == 1);
        CHECK(resolver.take_answers().empty());
        peer.answer(code);
        resolver.wait(base::Milliseconds{60'000});
        const auto answers = resolver.take_answers();
        REQUIRE(answers.size() == 1);
        CHECK(answers[0].first == question);
        CHECK(answers[0].second.kind == kind);
    }
    CHECK(resolver.waiting() == 0);
}

TEST_CASE("no more questions than allowed wait at once, and each gets a timeout if nobody answers") {
    const Peer peer;
    Resolver resolver{{.servers = {peer.server()}, .timeout = base::Milliseconds{60}, .most_questions = 2}};
    CHECK(resolver.ask(question));
    CHECK(resolver.ask({"b.example", RecordType::a}));
    CHECK_FALSE(resolver.ask({"c.example", RecordType::a}));
    CHECK_FALSE(resolver.descriptors().empty());
    std::size_t answers = 0;
    while (answers < 2) {
        resolver.wait(base::Milliseconds{60'000});
        for (const auto& [asked, answer] : resolver.take_answers()) {
            CHECK(answer.kind == AnswerKind::timeout);
            ++answers;
        }
    }
    CHECK(resolver.waiting() == 0);
}

TEST_CASE("a truncated answer whose server refuses TCP leaves the other questions as they are") {
    Peer peer;
    Resolver resolver{{.servers = {peer.server()}, .timeout = base::Milliseconds{60'000}}};
    REQUIRE(resolver.ask(question));
    REQUIRE(resolver.ask({"b.example", RecordType::a}));
    peer.answer(0, true);
    auto refused = resolver.take_answers();
    for (int i = 0; i < 6000 && refused.empty(); ++i) {
        resolver.wait(base::Milliseconds{10});
        refused = resolver.take_answers();
    }
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].first == question);
    CHECK(refused[0].second.kind == AnswerKind::servfail);
    peer.answer(3);
    resolver.wait(base::Milliseconds{60'000});
    const auto answers = resolver.take_answers();
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].second.kind == AnswerKind::nxdomain);
}

TEST_CASE("if one of several servers refuses, the next is asked") {
    constexpr int refused = 5;
    Peer first, second;
    Resolver resolver{{.servers = {first.server(), second.server()}, .timeout = base::Milliseconds{60'000}}};
    const auto process = [&] {
        std::vector<pollfd> polled = resolver.descriptors();
        REQUIRE(::poll(polled.data(), polled.size(), -1) > 0);
        resolver.process(polled);
    };
    for (const auto& [code, kind] :
         {std::pair{3, AnswerKind::nxdomain}, std::pair{refused, AnswerKind::servfail}}) {
        REQUIRE(resolver.ask(question));
        first.answer(refused);
        process();
        CHECK(resolver.waiting() == 1);
        second.answer(code);
        process();
        const auto answers = resolver.take_answers();
        REQUIRE(answers.size() == 1);
        CHECK(answers[0].second.kind == kind);
    }
}

TEST_CASE("questions that were on their way to a server without EDNS are asked again without it, once") {
    constexpr int format_error = 1;
    Peer peer;
    Resolver resolver{{.servers = {peer.server()}, .timeout = base::Milliseconds{60'000}}};
    REQUIRE(resolver.ask(question));
    REQUIRE(resolver.ask({"b.example", RecordType::a}));
    CHECK(peer.answer(format_error));
    CHECK(peer.answer(format_error));
    std::vector<pollfd> polled = resolver.descriptors();
    REQUIRE(::poll(polled.data(), polled.size(), -1) > 0);
    resolver.process(polled);
    CHECK_FALSE(peer.answer(3));
    CHECK_FALSE(peer.answer(format_error));
    resolver.wait(base::Milliseconds{60'000});
    const auto answers = resolver.take_answers();
    REQUIRE(answers.size() == 2);
    CHECK(answers[0].second.kind == AnswerKind::nxdomain);
    CHECK(answers[1].second.kind == AnswerKind::servfail);
}

TEST_CASE("a resolver may be destroyed while questions wait") {
    const Peer peer;
    Resolver resolver{{.servers = {peer.server()}}};
    CHECK(resolver.ask(question));
}

TEST_CASE("the port from which is asked changes") {
    Peer peer;
    Resolver resolver{{.servers = {peer.server()}, .timeout = base::Milliseconds{60'000}}};
    std::set<std::uint16_t> ports;
    for (int i = 0; i < 10; ++i) {
        REQUIRE(resolver.ask(question));
        peer.answer(3);
        resolver.wait(base::Milliseconds{60'000});
        REQUIRE(resolver.take_answers().size() == 1);
        CHECK(resolver.descriptors().empty());
        ports.insert(peer.port_of_client());
    }
    CHECK(ports.size() > 5);
}

TEST_CASE("names with a backslash are asked as they are") {
    Peer peer;
    Resolver resolver{{.servers = {peer.server()}, .timeout = base::Milliseconds{60'000}}};
    CHECK(resolver.ask({"a\\.b\\100.example", RecordType::a}));
    peer.answer(3);
    resolver.wait(base::Milliseconds{60'000});
    CHECK(resolver.take_answers().at(0).second.kind == AnswerKind::nxdomain);
}

}  // namespace sqlgrey::dns
