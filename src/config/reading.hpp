// The state while sqlgrey.conf is read. Private to the module.
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
    std::string directory;                            // the base of relative paths
    bool others_can_read = false;                     // may read the configuration file
    std::map<std::string, Given, std::less<>> given;  // the settings in the file
    std::set<std::string, std::less<>> refused;       // names with invalid values; they have their defaults
    LoadedSettings out;

    void error(int line, std::string text);
    void warning(int line, std::string text);
    // The setting in the file, if it is valid; otherwise null.
    const Given* understood(std::string_view name) const;
    InForce& in_force(std::string_view name);
    std::string absolute(const std::string& path) const;
    std::string origin(const Given& given) const;  // "file:line"
};

inline constexpr std::string_view not_shown = "(set, not shown)";

// What depends on more than one parameter: relative paths, where to listen, db_dsn, the files with secrets,
// and values that contradict each other.
void combine_settings(Reading& reading);

// Warns of settings that have no effect together with the others, or not the intended one.
void warn_of_settings_without_effect(Reading& reading);

// A file with a secret in its first line.
struct SecretFile {
    std::string_view parameter;  // that names the file
    std::string_view what;       // the secret, for people: "password"
    std::size_t least;           // minimum length in bytes
};
// The first line of that file. On failure adds a problem and returns "".
std::string read_secret(Reading& reading, const SecretFile& file, const std::string& path, int line);

}  // namespace sqlgrey::config
