// The WAL of a SQLite file: who waits for the disk, and how long it gets.
#include "database.hpp"

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include <sys/syscall.h>
#include <unistd.h>

namespace {

// Sees who waits for the disk: `look` is called with the file's name before each sync, in the thread that
// syncs. If it throws DiskFails, the sync fails. Empty: not called.
struct DiskWatch {
    std::mutex mutex;  // guards `look`, but is not held while it runs
    std::function<void(const std::string& file)> look;
};
struct DiskFails {};
DiskWatch& disk_watch() {
    static DiskWatch watch;
    return watch;
}

}  // namespace

// Replaces the C library's function, also for SQLite's library.
extern "C" int fdatasync(int descriptor) {
    std::function<void(const std::string&)> look;
    {
        const std::lock_guard lock(disk_watch().mutex);
        look = disk_watch().look;
    }
    try {
        const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
        if (look) look(std::filesystem::read_symlink(link).filename().string());
    } catch (const DiskFails&) {
        errno = EIO;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

namespace sqlgrey::store {

using namespace std::chrono_literals;

namespace {

const base::Time now = base::at(1'700'000'000);

// Keys all over the tree, like those of new mail: nearly every row is a page of its own in the WAL.
std::vector<greylist::Change> new_mail(std::minstd_rand& random) {
    std::vector<greylist::Change> changes;
    for (int i = 0; i < 64; ++i) {
        const std::string name = "sender" + std::to_string(random());
        const greylist::Triplet triplet{std::to_string(random()), "example.org", name, name,
                                        "bob@example.net"};
        changes.emplace_back(greylist::PutConnect{triplet, now, now - 24h});
    }
    return changes;
}

void watch_disk(std::function<void(const std::string&)> look) {
    const std::lock_guard lock(disk_watch().mutex);
    disk_watch().look = std::move(look);
}

// True if another connection can write at this moment. Writes a row, so that the WAL grows.
bool can_write(const Target& target) {
    try {
        soci::session session("sqlite3", "db=\"" + target.name + "\"");
        session << "pragma synchronous = off";  // does not wait for the disk itself
        session << "pragma wal_autocheckpoint = 0";
        session << "insert into config (parameter, value) values (" << std::rand() << ", '')";
        return true;
    } catch (const soci::soci_error&) {
        return false;
    }
}

}  // namespace

TEST_CASE("with sqlite_synchronous = full a commit is on the disk, and others may write meanwhile",
          "[sqlite]") {
    const auto [setting, waits] = GENERATE(table<std::string, int>({{"off", 0}, {"normal", 0}, {"full", 1}}));
    CAPTURE(setting);
    TestDatabase database;
    Target target = database.target();
    target.synchronous = setting;
    const auto store = open_store(target);
    std::minstd_rand random{1};
    store->remember(
        new_mail(random));  // the first commit in a new WAL writes its header, and SQLite syncs that

    int waited = 0;
    bool others_wrote = true;
    watch_disk([&](const std::string&) {
        watch_disk({});
        ++waited;
        others_wrote = can_write(target);
    });
    store->remember(new_mail(random));
    watch_disk({});
    CHECK(waited == waits);
    CHECK(others_wrote);
}

TEST_CASE("with sqlite_synchronous = full a commit that the disk does not take fails", "[sqlite]") {
    TestDatabase database;
    Target target = database.target();
    target.synchronous = "full";
    const auto store = open_store(target);
    std::minstd_rand random{1};
    const auto several_kinds = new_mail(random);
    const std::vector<greylist::Change> one_kind{greylist::TouchFromAwl{"192.0.2", "example.org", "", now}};
    watch_disk([](const std::string&) { throw DiskFails{}; });
    CHECK_THROWS_WITH(store->remember(several_kinds),
                      Catch::Contains("sqlgrey.db-wal: the disk did not take"));
    CHECK_THROWS_AS(store->remember(new_mail(random)), greylist::StoreUnavailable);
    watch_disk({});
    store->remember(several_kinds);  // the failures have left nothing half done
    store->remember(one_kind);
}

TEST_CASE("what is copied from the log of a SQLite file goes to the disk while others may write",
          "[sqlite]") {
    TestDatabase database;
    const auto store = open_store(database.target());
    struct Seen {
        std::atomic<int> of_file_beside_writers = 0;
        std::atomic<bool> begun = false;
        std::atomic<bool> over = false;
        std::mutex writing;
    };
    const auto seen =
        std::make_shared<Seen>();  // the thread of the store may still use it when this test case is over
    const auto writer = std::this_thread::get_id();
    watch_disk([seen, writer, target = database.target()](const std::string& name) {
        if (std::this_thread::get_id() == writer) return;
        seen->begun = true;
        const std::lock_guard lock(seen->writing);
        // Another connection writes whenever the thread waits, as under load.
        const bool free = can_write(target);
        if (free && name == std::filesystem::path{target.name}.filename()) ++seen->of_file_beside_writers;
        if (!free) seen->over = true;
    });
    std::minstd_rand random{1};
    for (int batch = 0; batch < 500 && !seen->begun; ++batch) {
        const std::lock_guard lock(seen->writing);
        store->remember(new_mail(random));
    }
    for (int wait = 0; wait < 6000 && !seen->over; ++wait) std::this_thread::sleep_for(10ms);
    watch_disk({});
    CHECK(seen->over);  // the last checkpoint, the only one that holds up writers
    CHECK(seen->of_file_beside_writers > 0);
}

TEST_CASE("with two that write without a pause the log of a SQLite file stays bounded", "[sqlite]") {
    constexpr std::uintmax_t bound = 64'000'000;  // hard_limit, 30,000 pages of 2 KB, and one batch
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
