// One reading of sqlgrey.conf while it is under way. Private to the module.
#pragma once

#include "sqlgrey/config/load.hpp"
#include "sqlgrey/config/parameters.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace sqlgrey::config {

struct Given {
    std::string value;
    int line = 0;
};

struct Reading {
    std::string file;
    std::string directory;                            // where relative paths start
    bool others_can_read = false;                     // that file
    std::map<std::string, Given, std::less<>> given;  // what the file sets
    std::set<std::string, std::less<>> refused;       // names whose value was bad; the default stands
    LoadedSettings out;

    void error(int line, std::string text);
    void warning(int line, std::string text);
    // What the file sets, if it was understood; else null.
    const Given* understood(std::string_view name) const;
    InForce& in_force(std::string_view name);
    std::string absolute(const std::string& path) const;
    std::string origin(const Given& given) const;  // "file:line"
};

inline constexpr std::string_view not_shown = "(set, not shown)";

// What hangs on more than one parameter: relative paths, where to listen, db_dsn, the files with secrets, and
// values that do not go together.
void combine_settings(Reading& reading);

// Warns of what is set and has no effect, or not the one that is meant, with the other settings as they are.
void warn_of_settings_without_effect(Reading& reading);

// A file whose first line is a secret.
struct SecretFile {
    std::string_view parameter;  // that names it
    std::string_view what;       // the secret, for people: "password"
    std::size_t least;           // bytes it has at least
};
// First line of that file. Adds a problem and gives "" if it cannot be had.
std::string read_secret(Reading& reading, const SecretFile& file, const std::string& path, int line);

}  // namespace sqlgrey::config
