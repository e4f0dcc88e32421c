// The thread that updates lists: files that change, rows that change, a database that fails.
#include "lists_fixture.hpp"
#include "sqlgrey/lists/live_lists.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <map>
#include <mutex>

#include <catch2/catch.hpp>

using namespace lists_test;
using enum sqlgrey::lists::ListName;
using lists::LiveLists;

namespace {

constexpr lists::Pace fast{base::Milliseconds{5}, base::Milliseconds{5}};

// The log lines of another thread.
class Log {
  public:
    Log() : logger_(log::Levels(log::debug), std::make_unique<Sink>(*this)) {}
    const log::Logger& logger() const { return logger_; }
    int count(const std::string& text) const {
        const std::lock_guard lock(mutex_);
        return static_cast<int>(std::ranges::count_if(
            lines_, [&](const std::string& line) { return line.find(text) != std::string::npos; }));
    }

  private:
    struct Sink : log::Sink {
        explicit Sink(Log& to) : log(to) {}
        void write(int, std::string_view line) override {
            const std::lock_guard lock(log.mutex_);
            log.lines_.emplace_back(line);
        }
        Log& log;
    };
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
    log::Logger logger_;
};

// A table that a test changes while it is read.
struct Table {
    std::mutex mutex;
    std::vector<lists::Row> rows;
    std::map<std::int64_t, std::int64_t> hits;
    bool broken = false;
    bool hits_broken = false;
    bool refuses = false;  // permanently, because it is damaged
    std::atomic<int> readings{0};
    std::atomic<bool> stuck{false};

    void set(std::vector<lists::Row> to) {
        const std::lock_guard lock(mutex);
        rows = std::move(to);
    }
    void set_broken(bool to) {
        const std::lock_guard lock(mutex);
        broken = hits_broken = to;
    }
    void set_refusing(bool reading, bool writing) {
        const std::lock_guard lock(mutex);
        broken = reading;
        hits_broken = writing;
        refuses = reading || writing;
    }
    std::int64_t hits_of(std::int64_t id) {
        const std::lock_guard lock(mutex);
        return hits[id];
    }
};

class TableRows : public lists::Rows {
  public:
    explicit TableRows(Table& table) : table_(table) {}
    std::vector<lists::Row> read() override {
        while (table_.stuck) std::this_thread::sleep_for(std::chrono::milliseconds{1});
        const std::lock_guard lock(table_.mutex);
        ++table_.readings;
        if (table_.broken) fail();
        return table_.rows;
    }
    void count(std::span<const lists::HitCount> hits) override {
        const std::lock_guard lock(table_.mutex);
        if (table_.hits_broken) fail();
        for (const auto& [id, count] : hits) table_.hits[id] += count;
    }

  private:
    void fail() const {
        if (table_.refuses) throw lists::RowsRefused("no such table; make it");
        throw std::runtime_error("server has gone away");
    }
    Table& table_;
};

const auto no_lists = std::make_shared<const Lists>();

struct Scene {
    explicit Scene(
        lists::Pace pace = fast, const std::function<void(Directory&)>& prepare = [](Directory&) {}) {
        prepare(dir);
        live.emplace(no_lists, dir.path(), std::make_unique<TableRows>(table), log.logger(), pace);
    }
    bool knows(const std::string& client_name) const {
        return match_of(*live->now(), {.client_name = client_name}).kind == MatchKind::whitelisted;
    }
    bool soon_knows(const std::string& client_name) const {
        return becomes_true([&] { return knows(client_name); });
    }
    bool soon_forgets(const std::string& client_name) const {
        return becomes_true([&] { return !knows(client_name); });
    }
    // Waits until the thread has checked everything twice, so it has seen the previous state.
    bool has_looked() {
        const int before = table.readings;
        return becomes_true([&] { return table.readings >= before + 3; });
    }

    Directory dir;
    Log log;
    Table table;
    std::optional<LiveLists> live;
};

}  // namespace

TEST_CASE("the first request sees the .local files") {
    const Scene scene({base::Milliseconds{60'000}, base::Milliseconds{60'000}}, [](Directory& dir) {
        for (const ListName name : lists::all_list_names)
            dir.write(std::string(text_of(name)) + ".local", "# x\n!\n");
        dir.write("whitelist_clients.local", "example.org\n!\n");
    });
    CHECK(scene.knows("mx.example.org"));
    CHECK(scene.log.count("conf: " + scene.dir.path("whitelist_clients.local: read, 1 entry")) == 1);
    CHECK(scene.log.count("is skipped") == 9);
}

TEST_CASE("the static lists remain in effect together with them") {
    const Directory dir;
    const Log log;
    const auto statics = std::make_shared<const Lists>(
        Lists({built(whitelist_clients, "example.org").list, built(whitelist_senders, "@a.org").list},
              {.senders_need_name = true}));
    dir.write("whitelist_clients.local", "example.net\nexample.org");
    dir.write("whitelist_senders.local", "@b.org");
    const LiveLists live(statics, dir.path(), nullptr, log.logger());
    CHECK(match_of(*live.now(), {.client_name = "example.org"}).by->source == "/etc/x");
    CHECK(match_of(*live.now(), {.client_name = "example.net"}).by->source ==
          dir.path("whitelist_clients.local"));
    CHECK_FALSE(match_of(*live.now(), {.sender = "x@b.org"}).by);
}

TEST_CASE("a file that appears, changes and disappears is noticed, and logged once each") {
    Scene scene;
    const std::string name = "clients_fqdn_whitelist.local";
    CHECK_FALSE(scene.knows("a.example.org"));
    scene.dir.replace(name, "a.example.org\n");
    CHECK(scene.soon_knows("a.example.org"));
    scene.dir.replace(name, "b.example.org\nc.example.org\n!\n");
    CHECK(scene.soon_knows("b.example.org"));
    CHECK(scene.soon_forgets("a.example.org"));
    REQUIRE(scene.has_looked());
    CHECK(scene.log.count(name + ": read, 2 entries") == 1);
    CHECK(scene.log.count(name + ":3: \"!\" is skipped") == 1);
    std::filesystem::remove(scene.dir.path(name));
    CHECK(scene.soon_forgets("b.example.org"));
    REQUIRE(scene.has_looked());
    CHECK(scene.log.count(name + ": deleted, 2 entries removed") == 1);
}

TEST_CASE("a file that is written to in its place is noticed") {
    Scene scene;
    for (const char* name : {"a.example.org", "b.example.org", "c.example.org"}) {
        scene.dir.write("clients_fqdn_whitelist.local", name);
        CHECK(scene.soon_knows(name));
    }
    std::ofstream(scene.dir.path("clients_fqdn_whitelist.local"), std::ios::app) << "\n*.example.net";
    CHECK(scene.soon_knows("mx.example.net"));
    CHECK(scene.knows("c.example.org"));
}

TEST_CASE("a replacement of the same size and time is noticed") {
    Scene scene;
    const std::string path = scene.dir.path("whitelist_clients.local");
    scene.dir.replace("whitelist_clients.local", "a.example.org\n");
    REQUIRE(scene.soon_knows("a.example.org"));
    scene.dir.replace("new", "b.example.org\n");
    std::filesystem::last_write_time(scene.dir.path("new"), std::filesystem::last_write_time(path));
    std::filesystem::rename(scene.dir.path("new"), path);
    CHECK(scene.soon_knows("b.example.org"));
}

TEST_CASE("entries of a file that has become unreadable remain in effect") {
    Scene scene;
    const std::string path = scene.dir.path("whitelist_clients.local");
    scene.dir.replace("whitelist_clients.local", "example.org\n");
    REQUIRE(scene.soon_knows("example.org"));
    std::filesystem::create_directory(scene.dir.path("directory"));
    std::filesystem::create_directory_symlink("directory", scene.dir.path("link"));
    std::filesystem::rename(scene.dir.path("link"), path);
    CHECK(becomes_true([&] {
        return scene.log.count("local: not a regular file; the list read before (1 entry) remains") == 1;
    }));
    REQUIRE(scene.has_looked());
    CHECK(scene.knows("example.org"));
    CHECK(scene.log.count("not a regular file") == 1);
    scene.dir.replace("whitelist_clients.local", "example.com\n");
    CHECK(scene.soon_knows("example.com"));
    CHECK(scene.soon_forgets("example.org"));
}

TEST_CASE("rows are read by the thread and followed as they change") {
    Scene scene;
    scene.table.set(
        {{1, "whitelist_clients", "a.example.org"}, {2, "whitelist_clients", "!"}, {3, "no_list", "x"}});
    CHECK(scene.soon_knows("a.example.org"));
    const Match match = match_of(*scene.live->now(), {.client_name = "a.example.org"});
    CHECK(match.by->is_row);
    CHECK(match.by->line == 1);
    REQUIRE(scene.has_looked());
    CHECK(scene.log.count("conf: lists in the database: read, 1 entry") == 1);
    CHECK(scene.log.count("conf: error: row 2 of whitelist_clients in the database: \"!\" is skipped") == 1);
    CHECK(
        scene.log.count(
            "conf: error: row 3 in the database: \"no_list\" is not a list; expected clients_ip_whitelist") ==
        1);
    scene.table.set({{1, "whitelist_clients", "b.example.org"}});
    CHECK(scene.soon_knows("b.example.org"));
    CHECK(scene.soon_forgets("a.example.org"));
    scene.table.set({});
    CHECK(scene.soon_forgets("b.example.org"));
}

TEST_CASE("unreadable rows keep their last contents, logged once as verbose") {
    Scene scene;
    scene.table.set({{1, "whitelist_clients", "a.example.org"}});
    REQUIRE(scene.soon_knows("a.example.org"));
    scene.table.set_broken(true);
    REQUIRE(scene.has_looked());
    REQUIRE(scene.has_looked());
    CHECK(scene.knows("a.example.org"));
    CHECK(scene.log.count("dbaccess: the lists in the database cannot be read: server has gone away") == 1);
    scene.dir.replace("whitelist_clients.local", "local.example\n");
    CHECK(scene.soon_knows("local.example"));
    CHECK(scene.knows("a.example.org"));
    scene.table.set({{2, "whitelist_clients", "b.example.org"}});
    scene.table.set_broken(false);
    CHECK(scene.soon_knows("b.example.org"));
    CHECK(scene.log.count("dbaccess: the lists in the database can be read again") == 1);
}

TEST_CASE("a table that may not be read is logged as an error once, and when it can be read again") {
    Scene scene;
    scene.table.set({{1, "whitelist_clients", "a.example.org"}});
    REQUIRE(scene.soon_knows("a.example.org"));
    scene.table.set_refusing(true, true);
    REQUIRE((scene.has_looked() && scene.has_looked()));
    CHECK(scene.knows("a.example.org"));
    CHECK(scene.log.count(
              "conf: error: the lists in the database cannot be read: no such table; make it; the entries "
              "read before remain in effect (set lists_in_database = off if you want none)") == 1);
    CHECK(scene.log.count("cannot be read") == 1);
    scene.table.set_refusing(false, false);
    CHECK(becomes_true([&] { return scene.log.count("the lists in the database can be read again") == 1; }));
    scene.table.set_refusing(true, true);
    CHECK(becomes_true([&] { return scene.log.count("cannot be read") == 2; }));
}

TEST_CASE("missing rights are logged at the start: to read rows, and to write hits") {
    Table unreadable, unwritable;
    unreadable.set_refusing(true, true);
    unwritable.set_refusing(false, true);
    const Directory dir;
    const Log log;
    const LiveLists no_rows(no_lists, dir.path(), std::make_unique<TableRows>(unreadable), log.logger(),
                            fast);
    const LiveLists no_hits(no_lists, dir.path(), std::make_unique<TableRows>(unwritable), log.logger(),
                            fast);
    CHECK(becomes_true(
        [&] { return log.count("until then none of their entries is in effect (set lists_in") == 1; }));
    CHECK(becomes_true(
        [&] { return log.count("conf: error: hits on the lists in the database cannot") == 1; }));
}

TEST_CASE("hits that may not be written are logged as an error once, and kept") {
    Scene scene;
    scene.table.set_refusing(false, true);
    scene.live->hit(7);
    const std::string told =
        "conf: error: hits on the lists in the database cannot be written: no such table; make it; "
        "the lists are in effect nevertheless";
    CHECK(becomes_true([&] { return scene.log.count(told) == 1; }));
    REQUIRE(scene.has_looked());
    CHECK(scene.log.count(told) == 1);
    scene.table.set_refusing(false, false);
    CHECK(becomes_true(
        [&] { return scene.log.count("conf: hits on the lists in the database are written again") == 1; }));
    CHECK(scene.table.hits_of(7) == 1);
}

TEST_CASE("a database that does not answer delays neither the constructor nor readers") {
    Table table;
    table.stuck = true;
    const Directory dir;
    const Log log;
    dir.write("whitelist_clients.local", "example.org");
    {
        const LiveLists live(no_lists, dir.path(), std::make_unique<TableRows>(table), log.logger(), fast);
        CHECK(match_of(*live.now(), {.client_name = "example.org"}).by);
        CHECK(table.readings == 0);
        table.stuck = false;  // Rows promises to return
    }
    CHECK(table.readings <= 1);
}

TEST_CASE("hits on rows are written, none twice, none lost") {
    Scene scene;
    scene.table.set({{7, "whitelist_clients", "a.example.org"}});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 1000; ++i) scene.live->hit(7);
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(becomes_true([&] { return scene.table.hits_of(7) == 4000; }));
    scene.table.set_broken(true);
    REQUIRE(scene.has_looked());
    scene.live->hit(7);
    scene.live->hit(8);
    REQUIRE(scene.has_looked());
    CHECK(scene.table.hits_of(7) == 4000);
    scene.table.set_broken(false);
    CHECK(becomes_true([&] { return scene.table.hits_of(7) == 4001 && scene.table.hits_of(8) == 1; }));
    scene.live->hit(7);
    scene.live.reset();
    CHECK(scene.table.hits_of(7) == 4002);
}

TEST_CASE("hits that cannot be written although rows can be read are kept, logged once") {
    Scene scene;
    {
        const std::lock_guard lock(scene.table.mutex);
        scene.table.hits_broken = true;
    }
    scene.live->hit(1);
    REQUIRE(scene.has_looked());
    REQUIRE(scene.has_looked());
    CHECK(scene.log.count("dbaccess: hits on the lists in the database cannot be written: server has gone "
                          "away; they are kept until then") == 1);
    scene.table.set_broken(false);
    CHECK(becomes_true([&] { return scene.table.hits_of(1) == 1; }));
}

TEST_CASE("many may ask while lists change") {
    Scene scene;
    std::atomic<bool> done{false};
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&] {
            while (!done) {
                // One of two states, never a mixture.
                const auto lists = scene.live->now();
                const bool a = match_of(*lists, {.client_name = "a.example"}).by.has_value();
                const bool b = match_of(*lists, {.client_name = "b.example"}).by.has_value();
                if (a != b) ++wrong;
            }
        });
    }
    for (int i = 0; i < 20; ++i) {
        const bool in = i % 2 == 0;
        scene.table.set(in ? std::vector<lists::Row>{{1, "whitelist_clients", "a.example"},
                                                     {2, "whitelist_clients", "b.example"}}
                           : std::vector<lists::Row>{});
        CHECK((in ? scene.soon_knows("a.example") : scene.soon_forgets("a.example")));
    }
    done = true;
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == 0);
}

TEST_CASE("signals are not for the thread of the lists") {
    sigset_t one;
    sigset_t before;
    sigemptyset(&one);
    sigaddset(&one, SIGUSR2);
    const Scene scene;
    // Blocked here too, a signal to the process stays pending unless another thread takes it: its default
    // action would end this process.
    REQUIRE(pthread_sigmask(SIG_BLOCK, &one, &before) == 0);
    REQUIRE(::kill(::getpid(), SIGUSR2) == 0);
    CHECK(sigwaitinfo(&one, nullptr) == SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}
