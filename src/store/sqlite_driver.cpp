// A session on a SQLite file in WAL mode: readers never wait, and writers wait only for each other.
#include "driver.hpp"
#include "errors.hpp"
#include "percent.hpp"
#include "sqlite_busy_handler.hpp"
#include "sqlite_file.hpp"
#include "sqlite_statement.hpp"
#include "wal_checkpointer.hpp"

#include <filesystem>
#include <optional>

#include <soci/sqlite3/soci-sqlite3.h>

namespace sqlgrey::store {
namespace {

// Each session is used by one thread at a time, so SQLite needs no lock around each call, nor around memory
// statistics. Has an effect only before the first session of a process.
void leave_out_locks() {
    static const bool done = [] {
        sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
        sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        return true;
    }();
    static_cast<void>(done);
}

// SQLite has a single code for every mistake in a statement.
bool is_about_schema(std::string_view words) {
    for (const std::string_view sign :
         {"no such table", "no such column", "has no column named", "ON CONFLICT clause does not match",
          "no such function", "no such index"})
        if (words.find(sign) != std::string_view::npos) return true;
    return false;
}

// The file as a URI with which SQLite neither writes nor makes a file. If there is no -shm file, nobody has
// the database open and all of it is in the one file; "immutable" then keeps SQLite from making a -shm.
std::string read_only(const std::string& file) {
    std::error_code unknown;
    const bool is_open = std::filesystem::exists(file + "-shm", unknown);
    return "file:" + percent_encoded(file) + (is_open ? "?mode=ro" : "?immutable=1");
}

class SqliteDriver final : public Driver {
  public:
    using Driver::Driver;

    std::string reason() const override { return checkpointer_ ? checkpointer_->reason() : ""; }
    void check() override {
        if (is_replaced())
            throw greylist::StoreUnavailable("SQLite file " + path_ + ": moved, replaced or deleted");
    }
    std::vector<std::string> in_use() override {
        if (path_.empty()) return {};
        note_files(record_, path_, opened_);
        if (!replacement_is_due(record_)) return {};
        return {"warning: SQLite file " + path_ +
                " is another one than before, which was moved, replaced or deleted: this one is used from "
                "now on"};
    }
    void before_closing() noexcept override {
        if (is_replaced()) save_moved_database(handle(), path_, opened_);
    }

    // configure_session() opens the file, because it may be called several times.
    void connect(const Target&, Purpose) override { leave_out_locks(); }
    void configure_session(const Target& target, Purpose purpose, Deadline& deadline) override {
        session_.close();
        forget_files();
        if (purpose == Purpose::inspection) {
            session_.open(soci::sqlite3, read_only(target.name));
            install_busy_handler(deadline, handle());
            return;
        }
        const FileTurn turn(target.name, target.time_limit);
        move_leftovers_aside(target.name, known_files(target.file_record, target.name));
        // As a URI, which Debian's SQLite supports, because SOCI would split a name at '=' or a blank.
        session_.open(soci::sqlite3, "file:" + percent_encoded(target.name));
        install_busy_handler(deadline, handle());
        // These fail at once if another process opens the file at this moment; the visit tries again.
        session_ << "pragma page_size = 2048";  // of a new file: a row touches fewer bytes
        session_ << "pragma journal_mode = wal";
        session_ << "pragma temp_store = memory";
        // 4 MB hold all but the two lowest levels of a large table's tree. More memory gains little.
        session_ << "pragma cache_size = -4000";
        // A connection opens the WAL only when it reads something.
        session_ << "select count(*) from sqlite_master";
        remember_files(target);
    }
    std::unique_ptr<Statement> prepare(const std::string& text, Values& parameters,
                                       Values& columns) override {
        return sqlite_statement(handle(), text, parameters, columns);
    }
    ErrorClass classify(const soci::soci_error& error) override {
        if (!handle()) return ErrorClass::access;  // it could not be opened
        const int code = sqlite_api::sqlite3_extended_errcode(handle());
        switch (code & 0xff) {
            case SQLITE_BUSY:
                // A snapshot that is too old can be taken again at once. For everything else the busy handler
                // has waited already.
                return code == SQLITE_BUSY_SNAPSHOT ? ErrorClass::retryable : ErrorClass::locked;
            case SQLITE_LOCKED:
            case SQLITE_SCHEMA:
                return ErrorClass::retryable;
            case SQLITE_PERM:
            case SQLITE_AUTH:
            case SQLITE_READONLY:
            case SQLITE_CANTOPEN:
                return ErrorClass::access;
            case SQLITE_FULL:
                return ErrorClass::full;
            case SQLITE_CORRUPT:
            case SQLITE_NOTADB:
                return ErrorClass::damaged;
            case SQLITE_CONSTRAINT:
                return ErrorClass::schema;  // somebody has added a column that is not null
            case SQLITE_ERROR:
                return is_about_schema(message(error)) ? ErrorClass::schema : ErrorClass::statement;
            case SQLITE_MISMATCH:
            case SQLITE_RANGE:
            case SQLITE_MISUSE:
                return ErrorClass::statement;
            default:
                return ErrorClass::unavailable;
        }
    }
    std::string message(const soci::soci_error& error) override {
        if (!handle()) return one_line(error.what());
        const char* words = sqlite_api::sqlite3_errmsg(handle());
        const int code = sqlite_api::sqlite3_errcode(handle());
        return code == SQLITE_OK || !words ? one_line(error.what()) : one_line(words);
    }
    // A statement that did not get its lock keeps its snapshot, and with an old snapshot a session cannot
    // write.
    void end_statements() override {
        if (!handle()) return;
        for (auto* statement = sqlite_api::sqlite3_next_stmt(handle(), nullptr); statement;
             statement = sqlite_api::sqlite3_next_stmt(handle(), statement))
            sqlite_api::sqlite3_reset(statement);
    }
    // Only a file that this daemon has used. At the start the administrator's file is left alone.
    std::string set_aside_damaged(const Target& target) override {
        const FileTurn turn(target.name, target.time_limit);
        const auto known = known_files(target.file_record, target.name);
        const FileIdentity now = identity_of(target.name);
        if (!known || known->database != now.database || known->device != now.device) return {};
        const auto name = set_aside(target.name);
        if (!name) return {};
        note_reported(target.file_record);
        return "set aside as " + *name +
               ", and an empty database takes its place; to get rows back from it: sqlite3 " + *name +
               " .recover";
    }
    bool locks_whole_database() const override { return true; }

    void lock_schema() override { session_ << "begin immediate"; }
    void unlock_schema() override { session_ << "commit"; }
    bool schema_is_transactional() const override { return true; }

  private:
    // Null before it is open.
    sqlite_api::sqlite3* handle() const {
        const auto* backend = static_cast<soci::sqlite3_session_backend*>(session_.get_backend());
        return backend ? backend->conn_ : nullptr;
    }
    void remember_files(const Target& target) {
        path_ = target.name;
        record_ = target.file_record;
        opened_ = identity_of(path_);
        checkpointer_.emplace(handle(), target.name, target.synchronous);
    }
    void forget_files() {
        path_.clear();
        checkpointer_.reset();
    }
    // Never true for a session of Purpose::inspection, which does not remember its file.
    bool is_replaced() const { return !path_.empty() && identity_of(path_) != opened_; }

    std::string path_;
    SqliteFileRecord* record_ = nullptr;
    FileIdentity opened_;
    std::optional<WalCheckpointer> checkpointer_;
};

}  // namespace

std::unique_ptr<Driver> sqlite_driver(soci::session& session) {
    return std::make_unique<SqliteDriver>(session);
}

}  // namespace sqlgrey::store
