// The static files, read once.
#include "file.hpp"
#include "sqlgrey/lists/lists.hpp"

#include <algorithm>
#include <utility>

#include <sys/stat.h>

namespace sqlgrey::lists {
namespace {

enum class IfMissing { silent, warning, error };

IfMissing if_missing(ListName name) {
    const bool is_shipped =
        name == ListName::clients_ip_whitelist || name == ListName::clients_fqdn_whitelist;
    return is_shipped ? IfMissing::warning : IfMissing::silent;
}

class Reader {
  public:
    void read(ListName name, const std::string& path, IfMissing missing) {
        try {
            if (const auto file = read_file(path)) {
                take(list_in(file->text, name, path));
            } else if (missing != IfMissing::silent) {
                problems_.push_back({missing == IfMissing::error, path + ": no such file"});
            }
        } catch (const base::FileError& unreadable) {
            problems_.push_back({true, std::string(unreadable.what()) + "; its entries are not in effect"});
        }
    }
    void add(std::vector<Problem> problems) {
        problems_.insert(problems_.end(), problems.begin(), problems.end());
    }
    LoadedLists loaded(Options options) && {
        return {std::make_shared<const Lists>(lists_, options), std::move(problems_)};
    }

  private:
    void take(ListBuilder::Built built) {
        lists_.push_back(std::move(built.list));
        add(std::move(built.problems));
    }

    std::vector<std::shared_ptr<const List>> lists_;
    std::vector<Problem> problems_;
};

}  // namespace

LoadedLists load_lists(const std::string& conf_dir, const ExtraFiles& extra, Options options) {
    Reader reader;
    for (const ListName name : all_list_names) reader.read(name, path_of(conf_dir, name), if_missing(name));
    for (const std::string& path : extra.whitelist_clients)
        reader.read(ListName::whitelist_clients, path, IfMissing::error);
    for (const std::string& path : extra.whitelist_recipients)
        reader.read(ListName::whitelist_recipients, path, IfMissing::error);
    reader.add(check_file_names(conf_dir, extra));
    return std::move(reader).loaded(options);
}

std::optional<base::Time> newest_file(const std::string& conf_dir, ListName list) {
    std::optional<base::Time> newest;
    for (const std::string& path : {path_of(conf_dir, list), local_path_of(conf_dir, list)}) {
        struct stat file {};
        if (::stat(path.c_str(), &file) == 0)
            newest = std::max(newest.value_or(base::Time{}), base::at(file.st_mtime));
    }
    return newest;
}

std::vector<Problem> check_local_lists(const std::string& conf_dir) {
    Reader reader;
    for (const ListName name : all_list_names)
        reader.read(name, local_path_of(conf_dir, name), IfMissing::silent);
    return std::move(reader).loaded({}).problems;
}

}  // namespace sqlgrey::lists
