// The tables as the commands open them: by the daemon's settings, as the daemon's user.
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
    std::optional<base::KeyedHash> privacy;  // rows hold hashes
    std::string who;                         // typed the command
    std::string command;                     // its name
    std::unique_ptr<store::Administration> rows;

    // What was done, for the log: "admin: alice: release: <what>". To syslog, or where nobody reads that, to
    // standard error.
    void log_act(const std::string& what) const;
    // With privacy_key_file, says so on standard error: the reader would wonder at what is printed.
    void tell_of_hashes() const;
};

// Started as root, the process becomes the daemon's user before it opens the database, so that files it makes
// are the daemon's. Throws base::StartError, greylist::StoreFailure.
Tables open_tables(const Invocation& invocation, store::AdministrationMode mode);
// `change`, or with --dry-run `look`.
store::AdministrationMode mode_of(const Invocation& invocation);

// When expired rows were last deleted; nothing if they never were.
std::optional<base::Time> cleaning_time(const Tables& tables);

// "1 row", "2 rows".
std::string counted(std::int64_t number, const std::string& one);

// Answers whether what deletes may go on: --yes, or asked on a terminal. Throws UsageError where nobody can
// be asked.
bool is_confirmed(const Invocation& invocation, const std::string& question);

// How far a long command is, on standard error if that is a terminal; at most once a second.
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
