// systemd's descriptor store: what is put into it, and what is taken from it.
#include "sqlgrey/base/file.hpp"
#include "sqlgrey/process/descriptor_store.hpp"

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

using namespace sqlgrey;
using base::unique_fd;
using process::DescriptorStore;
using process::PassedDescriptor;

namespace {

// systemd with a store: collects what is put into it.
class Systemd {
  public:
    explicit Systemd(const char* room) {
        std::string name = (std::filesystem::temp_directory_path() / "store.XXXXXX").string();
        directory_ = ::mkdtemp(name.data());
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = directory_ / "notify";
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
        ::setenv("FDSTORE", room, 1);
    }
    ~Systemd() {
        ::unsetenv("NOTIFY_SOCKET");
        ::unsetenv("FDSTORE");
        std::filesystem::remove_all(directory_);
    }

    // Everything that was put, as the next start gets it.
    std::vector<PassedDescriptor> stored() {
        std::vector<PassedDescriptor> all;
        for (;;) {
            char text[512];
            alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
            iovec part{text, sizeof text};
            msghdr message{};
            message.msg_iov = &part;
            message.msg_iovlen = 1;
            message.msg_control = control;
            message.msg_controllen = sizeof control;
            const auto got = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
            if (got <= 0) return all;
            int fd = -1;
            if (const cmsghdr* rights = CMSG_FIRSTHDR(&message))
                std::memcpy(&fd, CMSG_DATA(rights), sizeof fd);
            const std::string said{text, static_cast<std::size_t>(got)};
            const std::string begin = "FDSTORE=1\nFDNAME=";
            REQUIRE(said.starts_with(begin));
            all.push_back({said.substr(begin.size()), unique_fd{fd}});
        }
    }

  private:
    std::filesystem::path directory_;
    unique_fd socket_;
};

base::Message connection(const std::string& text) {
    return {true, unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}, text};
}

std::vector<std::string> texts_of(const std::vector<base::Message>& connections) {
    std::vector<std::string> texts;
    for (const base::Message& each : connections) texts.push_back(each.text);
    return texts;
}

// A file of texts with this content, and one connection.
std::vector<PassedDescriptor> with_texts(const std::string& content) {
    std::vector<PassedDescriptor> passed;
    passed.push_back({"sqlgrey-connection", connection("").fd});
    passed.push_back({"sqlgrey-texts", unique_fd{::memfd_create("test", MFD_CLOEXEC)}});
    REQUIRE(base::write_all(passed[1].fd.get(), content));
    return passed;
}

}  // namespace

TEST_CASE("there is a store only where systemd has one for us") {
    CHECK_FALSE(DescriptorStore::of_service("1"));
    const Systemd with_room("10");
    CHECK(DescriptorStore::of_service("1"));
    for (const char* room : {"0", "", "many"}) {
        ::setenv("FDSTORE", room, 1);
        CHECK_FALSE(DescriptorStore::of_service("1"));
    }
}

TEST_CASE("connections come back with their texts, other descriptors stay") {
    Systemd systemd("10");
    auto store = DescriptorStore::of_service("1");
    REQUIRE(store);
    const std::vector<std::string> texts{"one", "", std::string("a\n0 1\n\0 b", 9), std::string(8192, 'x')};
    for (const std::string& text : texts) REQUIRE(store->put_connection(connection(text)));
    REQUIRE(store->put("sqlgrey-listener", STDIN_FILENO));
    CHECK(store->connections() == 4);

    auto stored = systemd.stored();
    CHECK(texts_of(process::take_stored_connections(stored, "1")) == texts);
    REQUIRE(stored.size() == 1);
    CHECK(stored[0].name == "sqlgrey-listener");
}

TEST_CASE("a store that is full takes no more") {
    Systemd systemd("3");
    auto store = DescriptorStore::of_service("1");
    REQUIRE(store);
    CHECK(store->put_connection(connection("one")));  // and the file of texts
    CHECK(store->put_connection(connection("two")));
    CHECK_FALSE(store->put_connection(connection("three")));
    auto stored = systemd.stored();
    CHECK(texts_of(process::take_stored_connections(stored, "1")) == std::vector<std::string>{"one", "two"});
}

TEST_CASE("connections whose texts are not understood are closed") {
    const std::string content = GENERATE("", "1", "2\n", "11\n", "1\nx", "1\n5", "1\n5 ", "1\n5 9999999\nabc",
                                         "1\n5 4\nabc", "1\n5 99999999999999999999999\nabc", "1\n5 -1\nabc");
    CAPTURE(content);
    auto passed = with_texts(content);
    CHECK(process::take_stored_connections(passed, "1").empty());
    CHECK(passed.empty());
}

TEST_CASE("connections without any file of texts are closed") {
    auto passed = with_texts("1\n");
    passed.pop_back();
    CHECK(process::take_stored_connections(passed, "1").empty());
    passed = with_texts("1\n");
    CHECK(process::take_stored_connections(passed, "1").size() == 1);
}
