// The log of changes of a SQLite file, which only SQLite has.
#include "database.hpp"

#include <filesystem>
#include <random>
#include <thread>

namespace sqlgrey::store {

using namespace std::chrono_literals;

namespace {

const base::Time now = base::at(1'700'000'000);

// Keys all over the tree, as those of new mail are: nearly each row is a page of its own in the log.
std::vector<greylist::Change> new_mail(std::minstd_rand& random) {
    std::vector<greylist::Change> changes;
    for (int i = 0; i < 64; ++i) {
        const std::string name = "sender" + std::to_string(random());
        const greylist::Triplet triplet{std::to_string(random()), "example.org", name, name,
                                        "bob@example.net"};
        changes.emplace_back(greylist::PutConnect{triplet, now, now - 24h, false});
    }
    return changes;
}

}  // namespace

TEST_CASE("with two that write without a pause the log of a SQLite file stays bounded") {
    if (database_under_test() != Database::sqlite) return;
    constexpr std::uintmax_t bound = 27'000'000;  // 12,000 pages of 2 KB, and what one batch adds
    TestDatabase database;
    { const auto made = open_store(database.target()); }
    std::uintmax_t longest[2]{};
    std::vector<std::thread> writers;
    for (unsigned writer = 0; writer < 2; ++writer)
        writers.emplace_back([&, writer] {
            const auto store = open_store(database.target());
            std::minstd_rand random{writer + 1};
            for (int batch = 0; batch < 250; ++batch) {
                store->remember(new_mail(random));
                longest[writer] =
                    std::max(longest[writer], std::filesystem::file_size(database.target().name + "-wal"));
            }
        });
    for (std::thread& writer : writers) writer.join();
    CHECK(database.rows("connect") == 2 * 250 * 64);
    CHECK(longest[0] > 0);
    CHECK(std::max(longest[0], longest[1]) < bound);
}

}  // namespace sqlgrey::store
