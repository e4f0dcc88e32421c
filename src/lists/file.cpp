#include "file.hpp"

#include "line.hpp"

namespace sqlgrey::lists {
namespace {

constexpr std::size_t max_file = std::size_t{256} << 20;

}  // namespace

std::optional<base::File> read_file(const std::string& path) {
    return base::read_regular_file(path, max_file);
}

ListBuilder::Built list_in(std::string_view text, ListName name, const std::string& path) {
    ListBuilder builder(name, path);
    for_each_line(text, [&](std::string_view line, std::int64_t number) { builder.add(line, number); });
    return std::move(builder).build();
}

std::string path_of(const std::string& conf_dir, ListName name) {
    return conf_dir + "/" + std::string(text_of(name));
}

std::string local_path_of(const std::string& conf_dir, ListName name) {
    return path_of(conf_dir, name) + ".local";
}

}  // namespace sqlgrey::lists
