// Reading sqlgrey.conf (src/greylist/README.md section 9): every problem is reported with file, line, name,
// value and what was expected.
#pragma once

#include "sqlgrey/config/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::config {

struct SettingsProblem {
    enum class Kind { error, warning };  // an error stops the start, a warning does not
    Kind kind;
    std::string file;  // empty: not from a file
    int line = 0;
    std::string text;  // one sentence: name, value, what was expected
    bool is_error() const { return kind == Kind::error; }
    bool operator==(const SettingsProblem&) const = default;
};

// "file:line: error: text", as --check-config prints it.
std::string shown(const SettingsProblem& problem);

// One parameter as --print-config shows it.
struct InForce {
    std::string name;
    std::string value;    // secrets are shown as "(set, not shown)" or "", passwords in db_dsn as "***"
    std::string origin;   // "default", "file:line", "command line", "db_dsn", "db_pass_file" ...
    bool hidden = false;  // value is not what is in force, because that is a secret
    bool operator==(const InForce&) const = default;
};

struct LoadedSettings {
    Settings settings;  // of use only when there is no error
    std::vector<SettingsProblem> problems;
    std::vector<InForce> in_force;
    // SQLite's file has no absolute path in the configuration: where it is, depends on who starts the daemon.
    bool db_name_is_relative = false;
    bool usable() const;                           // no problem is an error
    bool is_default(std::string_view name) const;  // nobody has set that parameter
};

// Settings of the command line, which win over the file.
struct Overrides {
    std::string pidfile{};    // empty: the file's
    std::string directory{};  // where relative paths start; empty: the current directory. A daemon that has
                              // left the directory it was started in passes that one when it reads again.
};

// Reads the file at that path (and the one db_pass_file names); relative paths in it are taken from
// the current directory, as Perl does, and are absolute in the settings. `must_exist`: the admin named
// the file, so its absence is an error; else the defaults are in force and a warning says so. Never
// throws for what is in the file. No password is in a problem or in in_force.
LoadedSettings load(const std::string& path, bool must_exist, const Overrides& overrides);

}  // namespace sqlgrey::config
