// The thread begins when the WAL is long for the first time; a daemon with little mail never has one.
#include "wal_checkpointer.hpp"

#include "sqlgrey/base/quiet_thread.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlite_busy_handler.hpp"

#include <condition_variable>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

namespace sqlgrey::store {
namespace {

// Checkpoints beside the writers before the one that makes them wait; each leaves less to copy.
constexpr int rounds = 3;
// Pages of the WAL: above soft_limit the thread checkpoints, above hard_limit the writer does, because the
// thread does not keep up or could not be started.
constexpr int soft_limit = 12'000;
constexpr int hard_limit = 30'000;
constexpr base::Seconds longest_end{1};
constexpr base::Milliseconds longest_wait{200};  // for a reader that is slow; the next commit tries again

struct Close {
    void operator()(sqlite_api::sqlite3* connection) const { sqlite_api::sqlite3_close(connection); }
};
using Connection = std::unique_ptr<sqlite_api::sqlite3, Close>;

// Of full, WalCheckpointer::committed sees to what normal leaves out.
std::string pragma(const std::string& synchronous) {
    return std::string{"pragma synchronous = "} + (synchronous == "off" ? "off" : "normal");
}

// One that failed to open can be used, and fails.
Connection opened(const std::string& file, const std::string& synchronous, Deadline& deadline) {
    sqlite_api::sqlite3* connection = nullptr;
    sqlite_api::sqlite3_open_v2(file.c_str(), &connection, SQLITE_OPEN_READWRITE, nullptr);
    install_busy_handler(deadline, connection);
    // Until a connection has read something it knows of no WAL.
    const std::string first = pragma(synchronous) + "; select 1 from sqlite_master limit 1";
    sqlite_api::sqlite3_exec(connection, first.c_str(), nullptr, nullptr, nullptr);
    return Connection{connection};
}

int checkpoint(sqlite_api::sqlite3* connection, int mode) {
    return sqlite_api::sqlite3_wal_checkpoint_v2(connection, nullptr, mode, nullptr, nullptr);
}

// Waits until the disk has what was written so far to the file behind `which`; no lock is taken for it.
int wait_for_disk(sqlite_api::sqlite3* connection, int which) {
    sqlite_api::sqlite3_file* file = nullptr;
    sqlite_api::sqlite3_file_control(connection, "main", which, &file);
    if (!file || !file->pMethods) return SQLITE_IOERR_FSYNC;
    return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

// While another connection checkpoints this one is busy at once, whatever its deadline.
void checkpoint_now(sqlite_api::sqlite3* connection) {
    Deadline deadline;
    deadline.start(longest_wait, longest_wait);
    while (checkpoint(connection, SQLITE_CHECKPOINT_RESTART) == SQLITE_BUSY && !deadline.passed())
        std::this_thread::sleep_for(base::Milliseconds{1});
}

}  // namespace

struct WalCheckpointer::Background {
    Background(std::string path, std::string how) : file(std::move(path)), synchronous(std::move(how)) {}

    // What fails here fails for the writers too, and they report it.
    void work() {
        try {
            checkpoint_on_request();
        } catch (const std::bad_alloc&) {
            // The next request starts another thread; until then a writer checkpoints.
        }
        const std::lock_guard lock(mutex);
        begun = false;
        changed.notify_one();
    }

    void checkpoint_on_request() {
        Deadline deadline;
        const Connection connection = opened(file, synchronous, deadline);
        while (wait()) {
            if (!checkpoint_beside_writers(connection.get())) continue;  // another process does it
            deadline.start(longest_wait, longest_wait);
            checkpoint(connection.get(), SQLITE_CHECKPOINT_RESTART);
        }
    }

    // SQLite syncs the file only once all is copied, which beside writers never happens; without this sync
    // the last checkpoint, which makes them wait, would wait for all of it.
    bool checkpoint_beside_writers(sqlite_api::sqlite3* connection) const {
        for (int round = 0; round < rounds; ++round) {
            if (checkpoint(connection, SQLITE_CHECKPOINT_PASSIVE) != SQLITE_OK) return false;
            if (synchronous != "off") wait_for_disk(connection, SQLITE_FCNTL_FILE_POINTER);
        }
        return true;
    }

    bool wait() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return wanted || over; });
        wanted = false;
        return !over;
    }

    void request(const std::shared_ptr<Background>& self) {
        const std::lock_guard lock(mutex);
        wanted = true;
        changed.notify_one();
        if (std::exchange(begun, true)) return;
        try {
            base::quiet_thread([self] { self->work(); }).detach();
        } catch (const std::exception&) {
            begun = false;  // without a thread the WAL reaches hard_limit, and a writer checkpoints
        }
    }

    // Waits for the thread, so that the last connection to close removes the WAL; at most longest_end.
    void end() {
        std::unique_lock lock(mutex);
        over = true;
        changed.notify_one();
        changed.wait_for(lock, longest_end, [this] { return !begun; });
    }

    const std::string file;
    const std::string synchronous;
    std::mutex mutex;
    std::condition_variable changed;
    bool begun = false;
    bool wanted = false;
    bool over = false;
};

WalCheckpointer::WalCheckpointer(sqlite_api::sqlite3* connection, std::string file, std::string synchronous)
    : background_(std::make_shared<Background>(std::move(file), std::move(synchronous))) {
    sqlite_api::sqlite3_exec(connection, pragma(background_->synchronous).c_str(), nullptr, nullptr, nullptr);
    sqlite_api::sqlite3_wal_hook(connection, committed, this);
}

WalCheckpointer::~WalCheckpointer() {
    background_->end();
}

std::string WalCheckpointer::reason() const {
    if (!disk_failed_) return {};
    return background_->file +
           "-wal: the disk did not take what was written (I/O error in fdatasync(2), see the kernel's log)";
}

int WalCheckpointer::committed(void* checkpointer, sqlite_api::sqlite3* connection, const char*, int pages) {
    auto& self = *static_cast<WalCheckpointer*>(checkpointer);
    const auto& background = self.background_;
    // SQLite itself would keep the others from writing meanwhile.
    if (background->synchronous == "full") {
        const int code = wait_for_disk(connection, SQLITE_FCNTL_JOURNAL_POINTER);
        self.disk_failed_ = code != SQLITE_OK;
        if (self.disk_failed_) return code;
    }
    if (pages >= hard_limit)
        checkpoint_now(connection);
    else if (pages >= soft_limit)
        background->request(background);
    return SQLITE_OK;
}

}  // namespace sqlgrey::store
