// The thread is started when the WAL is long for the first time; with little mail that never happens.
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

// Checkpoints that do not stop the writers, before the one that does. Each leaves less to copy.
constexpr int rounds = 3;
// Pages of the WAL. From soft_limit on the thread checkpoints; from hard_limit on a writer does, because the
// thread is too slow or could not be started.
constexpr int soft_limit = 12'000;
constexpr int hard_limit = 30'000;
constexpr base::Seconds longest_end{1};
constexpr base::Milliseconds longest_wait{200};  // for a slow reader; the next commit tries again

struct Close {
    void operator()(sqlite_api::sqlite3* connection) const { sqlite_api::sqlite3_close(connection); }
};
using Connection = std::unique_ptr<sqlite_api::sqlite3, Close>;

// With full, WalCheckpointer::committed() does the sync that normal leaves out.
std::string pragma(const std::string& synchronous) {
    return std::string{"pragma synchronous = "} + (synchronous == "off" ? "off" : "normal");
}

// A connection that could not be opened can be used; its calls fail.
Connection opened(const std::string& file, const std::string& synchronous, Deadline& deadline) {
    sqlite_api::sqlite3* connection = nullptr;
    sqlite_api::sqlite3_open_v2(file.c_str(), &connection, SQLITE_OPEN_READWRITE, nullptr);
    install_busy_handler(deadline, connection);
    // A connection knows of the WAL only when it has read something.
    const std::string first = pragma(synchronous) + "; select 1 from sqlite_master limit 1";
    sqlite_api::sqlite3_exec(connection, first.c_str(), nullptr, nullptr, nullptr);
    return Connection{connection};
}

int checkpoint(sqlite_api::sqlite3* connection, int mode) {
    return sqlite_api::sqlite3_wal_checkpoint_v2(connection, nullptr, mode, nullptr, nullptr);
}

// Syncs the file that `which` names. Takes no lock.
int wait_for_disk(sqlite_api::sqlite3* connection, int which) {
    sqlite_api::sqlite3_file* file = nullptr;
    sqlite_api::sqlite3_file_control(connection, "main", which, &file);
    if (!file || !file->pMethods) return SQLITE_IOERR_FSYNC;
    return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

// SQLite does not call the busy handler while another connection checkpoints, so the waiting is done here.
void checkpoint_now(sqlite_api::sqlite3* connection) {
    Deadline deadline;
    deadline.start(longest_wait, longest_wait);
    while (checkpoint(connection, SQLITE_CHECKPOINT_RESTART) == SQLITE_BUSY && !deadline.passed())
        std::this_thread::sleep_for(base::Milliseconds{1});
}

}  // namespace

struct WalCheckpointer::Background {
    Background(std::string path, std::string how) : file(std::move(path)), synchronous(std::move(how)) {}

    // Failures are not reported: the writers meet them as well.
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

    // SQLite syncs the file only when all is copied, which never happens while others write. Without these
    // syncs the last checkpoint would sync all of it while the writers wait.
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

    // Waits for the thread, at most longest_end, so that the last connection that closes removes the WAL.
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
    // Here the write lock is free; SQLite itself would sync while it holds the lock.
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
