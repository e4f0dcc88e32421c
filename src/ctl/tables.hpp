// Opens the tables for a command: with the daemon's settings, as the daemon's user.
#pragma once

#include "command.hpp"
#include "sqlgrey/base/keyed_hash.hpp"
#include "sqlgrey/config/settings.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/store/administration.hpp"

#include <memory>
#include <optional>

namespace sqlgrey::ctl {

struct Tables {
    config::Settings settings;
    std::optional<base::KeyedHash> privacy;  // if set, the rows hold hashes
    std::string who;                         // ctl::who()
    std::string command;                     // Command::name
    std::unique_ptr<store::Administration> rows;

    // Logs what was done: "admin: alice: release: <what>", to syslog, or to standard error if nothing reads
    // syslog.
    void log_act(const std::string& what) const;
    // With privacy_key_file, explains on standard error why hashes are printed.
    void tell_of_hashes() const;
};

// Started as root, becomes the daemon's user before opening the database, so that the daemon owns the files
// it makes. Throws base::StartError, greylist::StoreFailure.
Tables open_tables(const Invocation& invocation, store::AdministrationMode mode);
// `look` with --dry-run, else `change`.
store::AdministrationMode mode_of(const Invocation& invocation);

// When expired rows were last deleted; nothing if never. Throws greylist::StoreFailure.
std::optional<base::Time> cleaning_time(const Tables& tables);

// "1 row", "2 rows".
std::string counted(std::int64_t number, const std::string& one);

// True if rows may be deleted: with --yes, or if the user confirms `question` on the terminal. Throws
// UsageError if standard input is no terminal.
bool is_confirmed(const Invocation& invocation, const std::string& question);

// Shows the progress of a long command on standard error, if that is a terminal, at most once a second.
class Progress {
  public:
    explicit Progress(std::string what) : what_(std::move(what)) {}
    ~Progress();
    Progress(const Progress&) = delete;
    void at(std::int64_t rows);

  private:
    std::string what_;
    std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds{1};
    bool shown_ = false;
};

}  // namespace sqlgrey::ctl
