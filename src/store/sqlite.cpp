// SQLite's words. The file is in WAL mode: readers never wait, and writers for each other only.
#include "dialect.hpp"
#include "percent.hpp"
#include "session.hpp"
#include "sqlite_busy_handler.hpp"
#include "sqlite_file.hpp"
#include "wal_checkpointer.hpp"

#include <filesystem>

#include <soci/sqlite3/soci-sqlite3.h>

namespace sqlgrey::store {
namespace {

// Null before it is open.
sqlite_api::sqlite3* handle(soci::session& session) {
    const auto* backend = static_cast<soci::sqlite3_session_backend*>(session.get_backend());
    return backend ? backend->conn_ : nullptr;
}

// A session is used by one thread at a time, so SQLite needs no lock around each of its calls, nor one for
// counting what it allocates. Only before the first session of a process; later it changes nothing.
void leave_out_locks() {
    static const bool done = [] {
        sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
        sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        return true;
    }();
    static_cast<void>(done);
}

// SQLite has one code for all that is wrong with a statement.
bool is_about_schema(std::string_view words) {
    for (const std::string_view sign :
         {"no such table", "no such column", "has no column named", "ON CONFLICT clause does not match",
          "no such function", "no such index"})
        if (words.find(sign) != std::string_view::npos) return true;
    return false;
}

// A session's WAL and the files it has open.
class SqliteExtra final : public SessionExtra {
  public:
    SqliteExtra(sqlite_api::sqlite3* connection, const Target& target)
        : connection_(connection),
          path_(target.name),
          record_(target.file_record),
          opened_(identity_of(path_)),
          checkpointer_(connection, target.name, target.synchronous) {}

    std::string reason() const override { return checkpointer_.reason(); }
    void check() override {
        if (is_replaced())
            throw greylist::StoreUnavailable("SQLite file " + path_ + ": moved, replaced or deleted");
    }
    std::vector<std::string> in_use() override {
        note_files(record_, path_, opened_);
        if (!replacement_is_due(record_)) return {};
        return {"warning: SQLite file " + path_ +
                " is another one than before, which was moved, replaced or deleted: this one is used from "
                "now on"};
    }
    void before_closing() noexcept override {
        if (is_replaced()) save_moved_database(connection_, path_, opened_);
    }

  private:
    bool is_replaced() const { return identity_of(path_) != opened_; }

    sqlite_api::sqlite3* connection_;
    std::string path_;
    SqliteFileRecord* record_;
    FileIdentity opened_;
    WalCheckpointer checkpointer_;
};

// The file as a URI that SQLite opens without writing or making anything. While nobody has it open there is
// no -shm file, and all is in the file itself ("immutable" keeps SQLite from making that).
std::string read_only(const std::string& file) {
    std::error_code unknown;
    const bool is_open = std::filesystem::exists(file + "-shm", unknown);
    return "file:" + percent_encoded(file) + (is_open ? "?mode=ro" : "?immutable=1");
}

class Sqlite final : public Dialect {
  public:
    std::string seconds(const std::string& column) const override { return column; }
    std::string timestamp(const std::string& parameter) const override { return parameter; }
    std::string shown(const std::string& column) const override { return "cast(" + column + " as text)"; }
    std::string now() const override { return {}; }
    std::string on_conflict(const std::string& key) const override {
        return "on conflict (" + key + ") do update set ";
    }
    std::string excluded(const std::string& column) const override { return "excluded." + column; }
    // GLOB, because SQLite's LIKE ignores case and "RCPT" in a deverped name is not "rcpt". Of a pattern that
    // is a bare parameter SQLite takes the beginning for its way through the index, and prepares the
    // statement anew whenever the value is another. So it gets no bare parameter, and the beginning beside
    // it.
    std::string matches(const std::string& column, const std::string& parameter) const override {
        const std::string beginning = "substr(" + parameter + ", 1, min(instr(" + parameter +
                                      " || '*', '*'), instr(" + parameter + " || '[', '[')) - 1)";
        return column + " glob (" + parameter + " || '') and " + column + " >= " + beginning + " and " +
               column + " < " + beginning + " || cast(x'ff' as text)";
    }
    std::string pattern(std::string_view deverped, mail::OwnHashes own_hashes) const override {
        std::string glob;
        mail::for_each_in_pattern(deverped, own_hashes, [&](char c, bool is_any_run) {
            if (is_any_run)
                glob += '*';
            else if (c == '*' || c == '?' || c == '[')
                glob += std::string{'[', c, ']'};
            else
                glob += c;
        });
        return glob;
    }
    // There is no round trip to save: four at a time already make up for the beginning and the end of a run.
    std::size_t rows_of_statement(std::size_t rows) const override { return rows < 4 ? 1 : 4; }
    void where_limited(Sql& sql, const std::string& table, const Columns& columns, std::size_t rows,
                       std::size_t most) const override {
        sql << "\nwhere rowid in (select rowid from " << table;
        where(sql, table, columns, rows);
        sql << "\nlimit " << std::to_string(most) << ")";
    }

    // configure_session() opens the file, for it may have to do so several times.
    void connect(soci::session&, const Target&, Purpose) const override { leave_out_locks(); }
    bool tries_all_hosts() const override { return true; }  // there is none
    std::shared_ptr<SessionExtra> configure_session(soci::session& session, const Target& target,
                                                    Purpose purpose, Deadline& deadline) const override {
        session.close();
        if (purpose == Purpose::inspection) {
            session.open(soci::sqlite3, read_only(target.name));
            install_busy_handler(deadline, handle(session));
            return {};
        }
        const FileTurn turn(target.name, target.time_limit);
        move_leftovers_aside(target.name, known_files(target.file_record, target.name));
        // SOCI would take the bare name apart where it holds '=' or a blank. Debian's SQLite knows URIs.
        session.open(soci::sqlite3, "file:" + percent_encoded(target.name));
        install_busy_handler(deadline, handle(session));
        // Does not wait for others that open the file at the same time: the visit around it tries again.
        session << "pragma page_size = 2048";  // of a file that is made now: a row touches fewer bytes
        session << "pragma journal_mode = wal";
        session << "pragma temp_store = memory";
        // Of the tree of a large table all but its two lowest levels; beyond that more memory saves little.
        session << "pragma cache_size = -4000";
        // Until a connection has read something it has no WAL open.
        session << "select count(*) from sqlite_master";
        return std::make_shared<SqliteExtra>(handle(session), target);
    }
    // A deferred transaction that reads first cannot always become a writing one (SQLITE_BUSY_SNAPSHOT).
    std::string begin() const override { return "begin immediate"; }
    base::unique_fd socket(soci::session&) const override { return {}; }
    ErrorClass classify(const soci::soci_error& error, soci::session& session) const override {
        if (!handle(session)) return ErrorClass::access;  // it could not be opened
        const int code = sqlite_api::sqlite3_extended_errcode(handle(session));
        switch (code & 0xff) {
            case SQLITE_BUSY:
                // A snapshot that is too old can be taken anew at once; for all else the busy handler has
                // waited.
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
                return ErrorClass::schema;  // a column that somebody added, not null
            case SQLITE_ERROR:
                return is_about_schema(message(error, session)) ? ErrorClass::schema : ErrorClass::statement;
            case SQLITE_MISMATCH:
            case SQLITE_RANGE:
            case SQLITE_MISUSE:
                return ErrorClass::statement;
            default:
                return ErrorClass::unavailable;
        }
    }
    std::string message(const soci::soci_error& error, soci::session& session) const override {
        if (!handle(session)) return one_line(error.what());
        const char* words = sqlite_api::sqlite3_errmsg(handle(session));
        const int code = sqlite_api::sqlite3_errcode(handle(session));
        return code == SQLITE_OK || !words ? one_line(error.what()) : one_line(words);
    }
    // One that did not get its lock still reads, and a session that reads an old state cannot write.
    void end_statements(soci::session& session) const override {
        if (!handle(session)) return;
        for (auto* statement = sqlite_api::sqlite3_next_stmt(handle(session), nullptr); statement;
             statement = sqlite_api::sqlite3_next_stmt(handle(session), statement))
            sqlite_api::sqlite3_reset(statement);
    }
    // Only what this daemon has used: at the start an admin's file is left as it is.
    std::string set_aside_damaged(const Target& target) const override {
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

    void lock_schema(soci::session& session) const override { session << begin(); }
    void unlock_schema(soci::session& session) const override { session << "commit"; }
    bool schema_is_transactional() const override { return true; }
};

}  // namespace

const Dialect& sqlite_dialect() {
    static const Sqlite dialect;
    return dialect;
}

}  // namespace sqlgrey::store
