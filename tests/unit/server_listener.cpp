// Listening sockets.
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/server/listener.hpp"
#include "unit/server_client.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>

using namespace sqlgrey;
using base::unique_fd;
using server::open_listeners;

namespace {

class Directory {
  public:
    Directory() {
        std::string name = (std::filesystem::temp_directory_path() / "listener.XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Directory() { std::filesystem::remove_all(path_); }
    std::string file(const std::string& name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

int port_of(const unique_fd& fd) {
    sockaddr_in name{};
    socklen_t length = sizeof name;
    ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &length);
    return ntohs(name.sin_port);
}

int family_of(const unique_fd& fd) {
    sockaddr_storage name{};
    socklen_t length = sizeof name;
    ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &length);
    return name.ss_family;
}

bool connects_to_port(int port) {
    const unique_fd fd{::socket(AF_INET, SOCK_STREAM, 0)};
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(static_cast<uint16_t>(port));
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(fd.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
}

bool connects_to(const std::string& path) {
    const unique_fd fd{::socket(AF_UNIX, SOCK_STREAM, 0)};
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof name.sun_path - 1);
    return ::connect(fd.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
}

std::string failure(const std::vector<std::string>& inet, const std::string& path = "") {
    try {
        open_listeners(inet, path, 0666);
    } catch (const base::StartError& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("a bare port and localhost listen on 127.0.0.1") {
    for (const auto* address : {"0", "localhost:0"}) {
        const auto listeners = open_listeners({address}, "", 0);
        REQUIRE_FALSE(listeners.empty());
        REQUIRE(family_of(listeners.front()) == AF_INET);
        REQUIRE(connects_to_port(port_of(listeners.front())));
    }
}

TEST_CASE("listeners are non-blocking and closed on exec") {
    const auto listeners = open_listeners({"127.0.0.1:0"}, "", 0);
    REQUIRE(listeners.size() == 1);
    REQUIRE((::fcntl(listeners[0].get(), F_GETFL) & O_NONBLOCK) != 0);
    REQUIRE((::fcntl(listeners[0].get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("inet and unix listen at once") {
    const Directory directory;
    const auto listeners = open_listeners({"127.0.0.1:0", "127.0.0.1:0"}, directory.file("socket"), 0666);
    REQUIRE(listeners.size() == 3);
    REQUIRE(family_of(listeners[2]) == AF_UNIX);
}

TEST_CASE("a port in use is reported with its address") {
    const auto first = open_listeners({"127.0.0.1:0"}, "", 0);
    const auto address = "127.0.0.1:" + std::to_string(port_of(first[0]));
    REQUIRE_THAT(failure({address}),
                 Catch::Contains(address) && Catch::Contains("another program listens there"));
}

TEST_CASE("an invalid address is reported") {
    for (const auto* bad :
         {"port", "127.0.0.1:", "127.0.0.1:70000", ":2501", "::1:2501", "127.0.0.1:25x", "[]:1"})
        REQUIRE_THAT(failure({bad}), Catch::Contains(bad));
}

TEST_CASE("an address in brackets is IPv6") {
    try {
        const auto listeners = open_listeners({"[::1]:0"}, "", 0);
        REQUIRE(family_of(listeners.at(0)) == AF_INET6);
    } catch (const base::StartError& error) {  // this machine has no IPv6
        REQUIRE_THAT(error.what(), Catch::Contains("[::1]:0"));
    }
}

TEST_CASE("the Unix socket gets its mode whatever the umask") {
    const Directory directory;
    const auto before = ::umask(077);
    const auto listeners = open_listeners({}, directory.file("socket"), 0666);
    ::umask(before);
    struct stat status {};
    REQUIRE(::stat(directory.file("socket").c_str(), &status) == 0);
    REQUIRE((status.st_mode & 07777) == 0666);
    REQUIRE(connects_to(directory.file("socket")));
}

TEST_CASE("the Unix socket of a dead daemon is replaced, that of a living one is not") {
    const Directory directory;
    const auto path = directory.file("socket");
    {
        const auto dies = open_listeners({}, path, 0666);
        REQUIRE_THAT(failure({}, path),
                     Catch::Contains(path) && Catch::Contains("another program listens there"));
    }
    const auto next = open_listeners({}, path, 0666);
    REQUIRE(connects_to(path));
}

TEST_CASE("a file that is not a socket is left alone") {
    const Directory directory;
    const auto path = directory.file("precious");
    std::ofstream(path) << "text";
    REQUIRE_THAT(failure({}, path), Catch::Contains("not a socket"));
    REQUIRE(std::filesystem::file_size(path) == 4);
}

TEST_CASE("a path that cannot be a socket is reported") {
    REQUIRE_THAT(failure({}, "/" + std::string(200, 'x')), Catch::Contains("longer than"));
    const Directory directory;
    REQUIRE_THAT(failure({}, directory.file("no/such/directory")), Catch::Contains("No such file"));
}

TEST_CASE("a socket's file is removed, but not that of another daemon which has replaced it") {
    const Directory directory;
    const std::string path = directory.file("s");
    auto first = open_listeners({}, path, 0666);
    const server::SocketFile file(path);
    SECTION("its own") {
        file.remove();
        CHECK_FALSE(std::filesystem::exists(path));
        file.remove();
    }
    SECTION("another's") {
        first.clear();
        const auto second = open_listeners({}, path, 0666);
        file.remove();
        CHECK(connects_to(path));
    }
}

TEST_CASE("the socket's mode does not hang on the umask, and the umask is as before") {
    const Directory directory;
    const mode_t mode = GENERATE(0666u, 0600u, 0u, 0777u);
    const mode_t before = ::umask(0777);
    const auto listeners = open_listeners({}, directory.file("s"), mode);
    CHECK(::umask(before) == 0777);
    struct stat status {};
    REQUIRE(::lstat(directory.file("s").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == mode);
}

TEST_CASE("a socket of the daemon before that has the same address is served, others are closed") {
    const Directory directory;
    const std::string path = directory.file("socket");
    const std::string unused = directory.file("unused");
    auto before = open_listeners({"127.0.0.1:0"}, path, 0600);
    auto more = open_listeners({"127.0.0.1:0"}, unused, 0600);
    const int port = port_of(before[0]);
    const int unused_port = port_of(more[0]);
    const int unix_socket = before[1].get();
    for (unique_fd& each : more) before.push_back(std::move(each));

    const auto now =
        open_listeners({{"127.0.0.1:" + std::to_string(port)}, path, 0600, {}}, {}, std::move(before));
    REQUIRE(now.sockets.size() == 2);
    CHECK(port_of(now.sockets[0]) == port);
    CHECK(now.sockets[1].get() == unix_socket);
    CHECK(now.unix_files == std::vector{path});
    CHECK(connects_to_port(port));
    CHECK(connects_to(path));
    CHECK_FALSE(connects_to_port(unused_port));
    REQUIRE(now.unused_files.size() == 1);
    now.unused_files[0].remove();
    CHECK_FALSE(std::filesystem::exists(unused));
}

TEST_CASE("a Unix socket of the daemon before whose file is gone is opened again") {
    const Directory directory;
    const std::string path = directory.file("socket");
    auto before = open_listeners({}, path, 0600);
    std::filesystem::remove(path);
    const auto now = open_listeners({{}, path, 0600, {}}, {}, std::move(before));
    CHECK(connects_to(path));
}
