#include "sqlite_file.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <functional>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace sqlgrey::store {
namespace {

constexpr base::Milliseconds between_attempts{5};
constexpr int longest_save_ms = 1000;  // how long to wait for others that write into the moved file

std::uint64_t inode_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

bool is_missing_or_empty(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) != 0 ? errno == ENOENT : status.st_size == 0;
}

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

std::string aside(const std::string& file, std::uint64_t inode) {
    return file + ".of-moved-file-" + std::to_string(inode);
}

void move_aside(const std::string& file) {
    if (const std::uint64_t inode = inode_of(file)) ::rename(file.c_str(), aside(file, inode).c_str());
}

// Removes the file with that inode, whether or not it has been moved aside.
void remove_file(const std::string& file, std::uint64_t inode) {
    if (inode == 0) return;
    for (const std::string& name : {file, aside(file, inode)})
        if (inode_of(name) == inode) ::unlink(name.c_str());
}

std::uint64_t hash_of(const std::string& path) {
    return std::hash<std::string>{}(path) | 1;  // never 0
}

std::string utc_time() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts)};
}

}  // namespace

FileIdentity identity_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return {};
    return {status.st_dev, status.st_ino, inode_of(path + "-wal"), inode_of(path + "-shm")};
}

FileTurn::FileTurn(const std::string& path, base::Milliseconds limit)
    : directory_(::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (directory_ && ::flock(directory_.get(), LOCK_EX | LOCK_NB) != 0) {
        if ((errno != EWOULDBLOCK && errno != EINTR) || std::chrono::steady_clock::now() >= end) {
            directory_.reset();
            return;
        }
        std::this_thread::sleep_for(between_attempts);
    }
}

void move_leftovers_aside(const std::string& path, const std::optional<FileIdentity>& known) {
    const FileIdentity now = identity_of(path);
    const bool replaced = known && (known->device != now.device || known->database != now.database);
    if (is_missing_or_empty(path)) {
        move_aside(path + "-wal");
        move_aside(path + "-shm");
        return;
    }
    if (!replaced) return;
    // A restored database may have come with its own -wal.
    if (now.wal != 0 && now.wal == known->wal) move_aside(path + "-wal");
    if (now.shm != 0 && now.shm == known->shm) move_aside(path + "-shm");
}

void save_moved_database(sqlite_api::sqlite3* connection, const std::string& path,
                         const FileIdentity& opened) {
    sqlite_api::sqlite3_busy_timeout(connection, longest_save_ms);
    const int saved = sqlite_api::sqlite3_wal_checkpoint_v2(connection, nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                                            nullptr, nullptr);
    if (saved != SQLITE_OK) return;  // keep the -wal
    remove_file(path + "-wal", opened.wal);
    remove_file(path + "-shm", opened.shm);
}

std::optional<std::string> set_aside(const std::string& path) {
    const std::string name = path + ".damaged-" + utc_time();
    if (::rename(path.c_str(), name.c_str()) != 0) return {};
    // With the names under which sqlite3 looks for them.
    ::rename((path + "-wal").c_str(), (name + "-wal").c_str());
    ::rename((path + "-shm").c_str(), (name + "-shm").c_str());
    return name;
}

std::optional<FileIdentity> known_files(const SqliteFileRecord* record, const std::string& path) {
    if (!record || record->name != hash_of(path)) return {};
    return FileIdentity{record->device, record->database, record->wal, record->shm};
}

void note_files(SqliteFileRecord* record, const std::string& path, const FileIdentity& files) {
    if (!record) return;
    // If a reload names another database, it is no replacement.
    if (record->name.exchange(hash_of(path)) != hash_of(path)) record->reported = files.database;
    record->device = files.device;
    record->database = files.database;
    record->wal = files.wal;
    record->shm = files.shm;
}

bool replacement_is_due(SqliteFileRecord* record) {
    if (!record) return false;
    const std::uint64_t now = record->database;
    const std::uint64_t before = record->reported.exchange(now);
    return before != 0 && before != now;
}

void note_reported(SqliteFileRecord* record) {
    if (record) record->reported = 0;
}

}  // namespace sqlgrey::store
