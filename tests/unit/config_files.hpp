// A directory for one test, and short ways to load a configuration from text.
#pragma once

#include "sqlgrey/config/load.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

namespace config_test {

class Directory {
  public:
    Directory() {
        std::string name = (std::filesystem::temp_directory_path() / "sqlgrey-config-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
        path_ = name;
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    ~Directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    std::string path(const std::string& name) const { return (path_ / name).string(); }
    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream{path(name), std::ios::binary} << text;
        return path(name);
    }

  private:
    std::filesystem::path path_;
};

inline std::string contents(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in) throw std::runtime_error("cannot read " + path);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

inline sqlgrey::config::LoadedSettings load_text(const std::string& text) {
    const Directory directory;
    const std::string file = directory.write("test.conf", text);
    ::chmod(file.c_str(), 0600);  // prevents the warning about passwords in it
    return sqlgrey::config::load(file, true, {});
}

// All problems, one per line, "3: error: text", without the name of the file.
inline std::string problems(const sqlgrey::config::LoadedSettings& loaded) {
    std::string out;
    for (const auto& problem : loaded.problems) {
        sqlgrey::config::SettingsProblem nameless = problem;
        nameless.file.clear();
        out += std::to_string(problem.line) + ": " + sqlgrey::config::shown(nameless) + '\n';
    }
    return out;
}

inline sqlgrey::config::InForce in_force(const sqlgrey::config::LoadedSettings& loaded,
                                         const std::string& name) {
    for (const auto& row : loaded.in_force) {
        if (row.name == name) return row;
    }
    throw std::runtime_error("no row " + name);
}

}  // namespace config_test
