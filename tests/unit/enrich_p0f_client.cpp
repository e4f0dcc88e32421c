// The client with a Unix socket that answers as the test says.
#include "enrich_p0f_messages.hpp"
#include "sqlgrey/enrich/p0f_client.hpp"

#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/un.h>

namespace sqlgrey::enrich {
namespace {

constexpr base::Milliseconds long_time{60'000};
const Fingerprint linux_host{"Linux 3.11 and newer", "Ethernet or modem", 9};

// A directory with the socket of a p0f that does nothing unless the test does.
class Peer {
  public:
    Peer() : directory_((std::filesystem::temp_directory_path() / "sqlgrey-p0f-XXXXXX").string()) {
        REQUIRE(::mkdtemp(directory_.data()) != nullptr);
        listen();
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    std::string path() const { return directory_ + "/p0f"; }

    void listen() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = this->path();
        std::copy(path.begin(), path.end(), address.sun_path);
        listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(::listen(listener_.get(), 5) == 0);
    }
    void accept() { connection_.reset(::accept(listener_.get(), nullptr, nullptr)); }
    void hang_up() { connection_.reset(); }
    void go_away() {
        hang_up();
        listener_.reset();
        std::filesystem::remove(path());
    }
    std::string read_question() {
        std::string bytes(p0f_question_size, '\0');
        REQUIRE(::recv(connection_.get(), bytes.data(), bytes.size(), MSG_WAITALL) ==
                static_cast<ssize_t>(bytes.size()));
        return bytes;
    }
    void send(std::string_view bytes) {
        REQUIRE(::send(connection_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(bytes.size()));
    }

  private:
    std::string directory_;
    base::unique_fd listener_, connection_;
};

// What a loop does until nothing more happens at once.
void run(P0fClient& client) {
    for (;;) {
        std::vector<pollfd> polled = client.descriptors();
        const int ready = ::poll(polled.data(), polled.size(), 0);
        client.process(polled);
        if (ready == 0) return;
    }
}
void run_until_answered(P0fClient& client, std::vector<std::pair<net::Address, Fingerprint>>& answers) {
    while (answers.empty()) {
        std::vector<pollfd> polled = client.descriptors();
        ::poll(polled.data(), polled.size(), static_cast<int>(client.longest_wait().count()));
        client.process(polled);
        answers = client.take_answers();
    }
}

const net::Address first = address("192.0.2.1");
const net::Address second = address("2001:db8::2");
const std::vector<std::pair<net::Address, Fingerprint>> first_unknown{{first, {}}};

}  // namespace

TEST_CASE("questions are answered in order over one connection, however the bytes are split") {
    Peer peer;
    P0fClient client{{.socket = peer.path(), .timeout = long_time}};
    client.ask(first);
    client.ask(second);
    peer.accept();
    CHECK(peer.read_question() == p0f_question(first));
    CHECK(peer.read_question() == p0f_question(second));
    CHECK_FALSE(client.take_change());

    const std::string both = Message{}.text() + Message{.status = 0x20}.text();
    std::vector<std::pair<net::Address, Fingerprint>> answers;
    for (const std::size_t at : {0UL, 100UL, 231UL, 232UL, 300UL}) {
        const std::size_t next = at == 0 ? 100 : at == 100 ? 231 : at == 231 ? 232 : at == 232 ? 300 : 464;
        peer.send(both.substr(at, next - at));
        run(client);
        const auto more = client.take_answers();
        CHECK(more.size() == (next == 232 || next == 464 ? 1 : 0));
        answers.insert(answers.end(), more.begin(), more.end());
    }
    CHECK(answers == std::vector<std::pair<net::Address, Fingerprint>>{{first, linux_host}, {second, {}}});
    CHECK(client.take_change() == P0fClient::Change{});
    CHECK_FALSE(client.take_change());
}

TEST_CASE("without p0f every question is answered with nothing at once, and that is told once") {
    P0fClient client{{.socket = "/nonexistent/p0f"}};
    for (int i = 0; i < 3; ++i) {
        client.ask(first);
        CHECK(client.take_answers() == first_unknown);
    }
    CHECK(client.descriptors().empty());
    CHECK(client.take_change() == P0fClient::Change{"it cannot be connected to: No such file or directory"});
    CHECK_FALSE(client.take_change());
    P0fClient too_long{{.socket = "/" + std::string(200, 'x')}};
    too_long.ask(first);
    CHECK(too_long.take_answers() == first_unknown);
}

TEST_CASE("a p0f that goes and comes is asked again after the pause") {
    Peer peer;
    P0fClient client{{.socket = peer.path(), .timeout = long_time, .pause = base::Milliseconds{0}}};
    client.ask(first);
    peer.accept();
    peer.read_question();  // a socket with unread bytes is not closed but reset
    peer.go_away();
    run(client);
    CHECK(client.take_answers() == first_unknown);
    CHECK(client.take_change() == P0fClient::Change{"it has closed the connection"});
    client.ask(first);
    CHECK(client.take_answers() == first_unknown);
    CHECK_FALSE(client.take_change());

    peer.listen();
    client.ask(second);
    peer.accept();
    peer.send(Message{}.text());
    run(client);
    CHECK(client.take_answers() == std::vector<std::pair<net::Address, Fingerprint>>{{second, linux_host}});
    CHECK(client.take_change() == P0fClient::Change{});
}

TEST_CASE("during the pause no connection is tried") {
    Peer peer;
    P0fClient client{{.socket = peer.path(), .timeout = long_time, .pause = long_time}};
    client.ask(first);
    peer.accept();
    peer.hang_up();
    run(client);
    CHECK(client.take_answers() == first_unknown);
    client.ask(first);
    CHECK(client.take_answers() == first_unknown);
    CHECK(client.descriptors().empty());
}

TEST_CASE("a silent p0f is given up when the time of a question is over") {
    Peer peer;
    P0fClient client{{.socket = peer.path(), .timeout = base::Milliseconds{30}, .pause = long_time}};
    client.ask(first);
    peer.accept();
    peer.send(Message{}.text().substr(0, 231));  // never whole
    std::vector<std::pair<net::Address, Fingerprint>> answers;
    run_until_answered(client, answers);
    CHECK(answers == first_unknown);
    CHECK(client.take_change() == P0fClient::Change{"it has not answered for 30 ms"});
    CHECK(client.descriptors().empty());
}

TEST_CASE("what is no answer of p0f, or to no question, ends the connection") {
    Peer peer;
    P0fClient client{{.socket = peer.path(), .timeout = long_time, .pause = base::Milliseconds{0}}};
    client.ask(first);
    client.ask(second);
    peer.accept();
    peer.send(std::string(600, 'x'));
    run(client);
    CHECK(client.take_answers() ==
          std::vector<std::pair<net::Address, Fingerprint>>{{first, {}}, {second, {}}});
    CHECK(client.take_change() == P0fClient::Change{"what it sends is no answer of p0f 3"});
    CHECK(client.descriptors().empty());

    client.ask(first);
    peer.accept();
    peer.send(Message{}.text() + Message{}.text());
    run(client);
    CHECK(client.take_answers() == std::vector<std::pair<net::Address, Fingerprint>>{{first, linux_host}});
    CHECK(client.descriptors().empty());
}

TEST_CASE("no more questions than allowed wait, and one that takes none is not waited for") {
    Peer peer;  // does not read
    P0fClient client{{.socket = peer.path(), .timeout = long_time, .most_questions = 20'000}};
    for (int i = 0; i < 20'000; ++i) client.ask(first);  // more bytes than a socket holds
    CHECK(client.take_answers().empty());
    REQUIRE(client.descriptors().size() == 1);
    CHECK((client.descriptors()[0].events & POLLOUT) != 0);
    client.ask(second);
    CHECK(client.take_answers() == std::vector<std::pair<net::Address, Fingerprint>>{{second, {}}});
    peer.accept();
    for (int i = 0; i < 20'000; ++i) {
        client.process({});
        std::vector<pollfd> polled = client.descriptors();
        ::poll(polled.data(), polled.size(), 0);
        client.process(polled);
        CHECK(peer.read_question() == p0f_question(first));
    }
}

}  // namespace sqlgrey::enrich
