// What metrics show of the lists: how many entries are in effect, and how old the files are.
#include "lists_fixture.hpp"
#include "sqlgrey/lists/live_lists.hpp"

#include <atomic>
#include <filesystem>

#include <catch2/catch.hpp>

using namespace lists_test;
using enum sqlgrey::lists::ListName;

TEST_CASE("each snapshot is passed on when it is published") {
    const Directory dir;
    const log::Logger logger(log::Levels{log::error}, log::stderr_sink());
    dir.write("whitelist_clients.local", "example.org\nexample.net\n");
    std::atomic<std::size_t> clients{0}, senders{99};
    const lists::LiveLists live(std::make_shared<const Lists>(), dir.path(), nullptr, logger,
                                {base::Milliseconds{5}, base::Milliseconds{5}}, [&](const Lists& all) {
                                    clients = all.entries(whitelist_clients);
                                    senders = all.entries(whitelist_senders);
                                });
    CHECK(clients == 2);
    CHECK(senders == 0);
    dir.write("whitelist_clients.local", "example.org\nexample.net\nexample.com\n");
    dir.write("whitelist_senders.local", "@example.org\n");
    CHECK(becomes_true([&] { return clients == 3 && senders == 1; }));
}

TEST_CASE("the newest file of a list is that of the list or its local file") {
    const Directory dir;
    const auto newest = [&] { return lists::newest_file(dir.path(), whitelist_senders); };
    CHECK_FALSE(newest());
    dir.write("whitelist_senders.local", "@example.org");
    const auto local = newest();
    REQUIRE(local);
    std::filesystem::last_write_time(dir.path("whitelist_senders.local"),
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours{48});
    CHECK(*newest() < *local - std::chrono::hours{47});
    dir.write("whitelist_senders", "@example.net");
    CHECK(*newest() >= *local);
}
