#include "sqlgrey/base/unique_fd.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>

using sqlgrey::base::unique_fd;

namespace {

bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) != -1;
}
int open_null() {
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

}  // namespace

TEST_CASE("a descriptor is closed when its owner goes") {
    int fd = -1;
    {
        const unique_fd owner(open_null());
        REQUIRE(owner);
        fd = owner.get();
        CHECK(is_open(fd));
    }
    CHECK_FALSE(is_open(fd));
}

TEST_CASE("a descriptor that moves has a new owner and stays open") {
    unique_fd first(open_null());
    const int fd = first.get();
    unique_fd second(std::move(first));
    CHECK(second.get() == fd);
    CHECK(is_open(fd));

    SECTION("what the new owner had before is closed") {
        unique_fd third(open_null());
        const int old = third.get();
        third = std::move(second);
        CHECK(third.get() == fd);
        CHECK(is_open(fd));
        CHECK_FALSE(is_open(old));
    }
    SECTION("released, it is the caller's") {
        CHECK(second.release() == fd);
        CHECK_FALSE(second);
        CHECK(is_open(fd));
        second.reset(fd);
    }
}
