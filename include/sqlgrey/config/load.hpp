// Reading sqlgrey.conf (src/greylist/README.md section 9). Every problem is reported with file, line, name,
// value and what was expected.
#pragma once

#include "sqlgrey/config/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::config {

// A mistake in the settings.
struct SettingsProblem {
    enum class Kind { error, warning };  // an error prevents the start, a warning does not
    Kind kind;
    std::string file;  // empty if not from a file
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
    bool hidden = false;  // a secret: `value` is not the value in force
    bool operator==(const InForce&) const = default;
};

// What load() returns.
struct LoadedSettings {
    Settings settings;  // valid only if there is no error
    std::vector<SettingsProblem> problems;
    std::vector<InForce> in_force;
    // SQLite's file has a relative path in the configuration: its location depends on where the daemon is
    // started.
    bool db_name_is_relative = false;
    bool usable() const;                           // no problem is an error
    bool is_default(std::string_view name) const;  // true if nothing sets that parameter
};

// Settings of the command line, which override the file.
struct Overrides {
    std::string pidfile{};    // empty: as in the file
    std::string directory{};  // the base of relative paths; empty: the current directory. A daemon that
                              // has left the directory it was started in passes that one at a reload.
};

// Reads the file at that path (and the one that db_pass_file names). Relative paths in it start at the
// current directory, as in SQLgrey 1.8, and are absolute in the settings. `must_exist`: a missing file is an
// error; otherwise it gives the defaults and a warning. Mistakes in the file never throw. No problem and no
// entry of in_force contains a password.
LoadedSettings load(const std::string& path, bool must_exist, const Overrides& overrides);

}  // namespace sqlgrey::config
