// A directory for one test, lists built from text, and short ways to look them up.
#pragma once

#include "sqlgrey/lists/lists.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

namespace lists_test {

using namespace sqlgrey;
using lists::ListName;
using lists::Lists;
using lists::Match;
using lists::MatchKind;

class Directory {
  public:
    Directory() : path_((std::filesystem::temp_directory_path() / "sqlgrey-lists-XXXXXX").string()) {
        if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    ~Directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    const std::string& path() const { return path_; }
    std::string path(const std::string& name) const { return path_ + "/" + name; }
    void write(const std::string& name, std::string_view text) const {
        std::ofstream(path(name), std::ios::binary) << text;
    }
    // By renaming, like editors: no reader sees it half-written.
    void replace(const std::string& name, std::string_view text) const {
        write("replacement", text);
        std::filesystem::rename(path("replacement"), path(name));
    }

  private:
    std::string path_;
};

inline net::Address address(std::string_view text) {
    const auto parsed = net::parse_address(text);
    if (!parsed) throw std::runtime_error("no address: " + std::string(text));
    return *parsed;
}

// A client, sender and recipient that no test lists, except where the test sets them.
struct Who {
    std::string client = "203.0.113.77";
    std::string client_name = "unlisted.invalid";
    std::string sender = "nobody@unlisted.invalid";
    std::string recipient = "someone@unlisted.invalid";
};

inline Match match_of(const Lists& lists, const Who& who) {
    return lists.match({address(who.client), who.client_name, who.sender, who.recipient});
}

// The list from a file with that text, and its problems.
inline lists::ListBuilder::Built built(ListName name, std::string_view text,
                                       const std::string& path = "/etc/x") {
    lists::ListBuilder builder(name, path);
    std::int64_t number = 1;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        builder.add(text.substr(0, end), number++);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return std::move(builder).build();
}

inline std::string texts_of(const std::vector<lists::Problem>& problems) {
    std::string all;
    for (const lists::Problem& problem : problems)
        all += (problem.is_error ? "error: " : "warning: ") + problem.text + "\n";
    return all;
}

// The line of the entry that decides about `who`, or 0. Throws if the text contains anything but entries.
inline std::int64_t deciding_line(ListName name, std::string_view text, const Who& who,
                                  lists::Options options = {}) {
    const auto list = built(name, text);
    for (const lists::Problem& problem : list.problems)
        if (problem.is_error) throw std::runtime_error(problem.text);
    const Match match = match_of(Lists({list.list}, options), who);
    return match.by ? match.by->line : 0;
}

inline std::int64_t line_for_client(ListName name, std::string_view text, const std::string& client) {
    return deciding_line(name, text, {.client = client});
}
inline std::int64_t line_for_name(ListName name, std::string_view text, const std::string& client_name) {
    return deciding_line(name, text, {.client_name = client_name});
}
inline std::int64_t line_for_sender(ListName name, std::string_view text, const std::string& sender) {
    return deciding_line(name, text, {.sender = sender});
}
inline std::int64_t line_for_recipient(std::string_view text, const std::string& recipient) {
    return deciding_line(ListName::whitelist_recipients, text, {.recipient = recipient});
}

// Waits for it, at most a minute.
inline bool becomes_true(auto is_so) {
    for (int i = 0; i < 12000; ++i) {
        if (is_so()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return false;
}

}  // namespace lists_test
