#include "sqlgrey/base/fd_passing.hpp"

#include <array>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sqlgrey::base {
namespace {

struct Channel {
    unique_fd near, far;
    Channel() {
        std::array<int, 2> ends{};
        REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) == 0);
        near.reset(ends[0]);
        far.reset(ends[1]);
    }
};

bool same_file(int one, int other) {
    struct stat first {};
    struct stat second {};
    return ::fstat(one, &first) == 0 && ::fstat(other, &second) == 0 && first.st_ino == second.st_ino;
}

}  // namespace

TEST_CASE("each message keeps its descriptor and text") {
    const Channel channel;
    const Channel passed;
    const std::string long_text(longest_text, 'x');
    for (const auto& text : {std::string{}, std::string("one\0two\n", 8), long_text})
        REQUIRE(send_fd(channel.near.get(), passed.near.get(), text) == PassResult::done);
    REQUIRE(send_text(channel.near.get(), "ready") == PassResult::done);
    for (const auto& text : {std::string{}, std::string("one\0two\n", 8), long_text}) {
        Message message;
        REQUIRE(receive(channel.far.get(), message) == PassResult::done);
        CHECK(message.with_fd);
        CHECK(same_file(message.fd.get(), passed.near.get()));
        CHECK(message.text == text);
    }
    Message message;
    REQUIRE(receive(channel.far.get(), message) == PassResult::done);
    CHECK_FALSE(message.with_fd);
    CHECK_FALSE(message.fd);
    CHECK(message.text == "ready");
    CHECK(receive(channel.far.get(), message) == PassResult::again);
}

TEST_CASE("a text that is too long is not sent") {
    const Channel channel;
    const std::string text(longest_text + 1, 'x');
    CHECK(send_fd(channel.near.get(), channel.near.get(), text) == PassResult::gone);
    CHECK(send_text(channel.near.get(), text) == PassResult::gone);
    Message message;
    CHECK(receive(channel.far.get(), message) == PassResult::again);
}

TEST_CASE("what was sent before the sender closed is received, then the end") {
    Channel channel;
    REQUIRE(send_text(channel.far.get(), "never read") == PassResult::done);
    REQUIRE(send_fd(channel.near.get(), STDIN_FILENO, "last") == PassResult::done);
    channel.near.reset();
    Message message;
    REQUIRE(receive(channel.far.get(), message) == PassResult::done);
    CHECK(message.text == "last");
    CHECK(receive(channel.far.get(), message) == PassResult::gone);
    CHECK(send_fd(channel.far.get(), STDIN_FILENO) == PassResult::gone);
}

TEST_CASE("a full queue is reported") {
    const Channel channel;
    const std::string text(longest_text, 'x');
    PassResult passed = PassResult::done;
    for (int i = 0; i < 100'000 && passed == PassResult::done; ++i)
        passed = send_fd(channel.near.get(), STDIN_FILENO, text);
    CHECK(passed == PassResult::again);
}

TEST_CASE("a descriptor that exceeds the limit is reported as lost, with its text") {
    const Channel channel;
    REQUIRE(send_fd(channel.near.get(), STDIN_FILENO, "of the lost") == PassResult::done);
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit none = before;
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_NOFILE, &none);
    Message message;
    const PassResult passed = receive(channel.far.get(), message);
    ::setrlimit(RLIMIT_NOFILE, &before);
    CHECK(passed == PassResult::done);
    CHECK(message.with_fd);
    CHECK_FALSE(message.fd);
    CHECK(message.text == "of the lost");
}

}  // namespace sqlgrey::base
