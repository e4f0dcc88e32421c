// Finds files that are not read because their name is misspelled.
#include "file.hpp"
#include "problems.hpp"
#include "sqlgrey/base/edit_distance.hpp"
#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/log/logger.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

namespace sqlgrey::lists {
namespace {

constexpr std::string_view local = ".local";
constexpr std::size_t longest =
    64;  // bytes; longer names are not compared, because no list has one nearly as long
constexpr std::size_t far = 4;  // this many differences make it another name

std::vector<std::string> known_names() {
    std::vector<std::string> names{"smtp_server.regexp", "dyn_fqdn.regexp", "discrimination.regexp"};
    for (const ListName list : all_list_names) {
        names.emplace_back(text_of(list));
        names.push_back(names.back() + std::string(local));
    }
    return names;
}

// Copies that editors and packages make on purpose.
bool is_copy(std::string_view name) {
    return name.starts_with('.') || name.starts_with('#') || name.ends_with('~');
}

// The most similar known name, or "" if none is similar. One or two additional letters ("whitelist_clients2")
// are similar.
std::string nearest(const std::vector<std::string>& known, const std::string& name) {
    const bool is_local = name.ends_with(local);
    std::string found;
    std::size_t least = is_local ? far : far - 1;
    for (const std::string& one : known) {
        if (is_local != one.ends_with(local) && is_local) continue;
        const std::size_t distance = base::edit_distance(name, one);
        if (distance >= least) continue;
        least = distance;
        found = one;
    }
    return found;
}

std::string all_lists() {
    std::string names;
    for (const ListName list : all_list_names)
        names += (names.empty() ? "" : ", ") + std::string(text_of(list));
    return names;
}

std::string advice(const std::string& meant) {
    if (meant.empty())
        return "; the lists are " + all_lists() + ", each with .local appended for your own entries";
    return "; did you mean " + meant + "?";
}

}  // namespace

std::vector<Problem> check_file_names(const std::string& conf_dir, const ExtraFiles& extra) {
    const std::vector<std::string> known = known_names();
    std::set<std::string> read(extra.whitelist_clients.begin(), extra.whitelist_clients.end());
    read.insert(extra.whitelist_recipients.begin(), extra.whitelist_recipients.end());
    Problems problems;
    std::error_code ignored;  // a directory that cannot be read has no lists either, which is reported
    std::set<std::string> names;
    for (std::filesystem::directory_iterator file(conf_dir, ignored), end; !ignored && file != end;
         file.increment(ignored))
        names.insert(file->path().filename().string());
    for (const std::string& name : names) {
        const bool is_known =
            std::ranges::find(known, name) != known.end() || read.contains(conf_dir + "/" + name);
        if (is_known || is_copy(name) || name.size() > longest) continue;
        const std::string meant = nearest(known, log::escape(name));
        if (meant.empty() && !name.ends_with(local)) continue;
        problems.warning(conf_dir + "/" + log::escape(name) + ": no list has that name, so it is not read" +
                         advice(meant));
    }
    return std::move(problems).take(conf_dir);
}

}  // namespace sqlgrey::lists
