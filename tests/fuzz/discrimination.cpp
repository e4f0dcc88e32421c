// discrimination.regexp with any text (after the first empty line), and any request.
#include "sqlgrey/lists/discrimination.hpp"

#include "fuzz.hpp"

#include <filesystem>
#include <fstream>

using namespace sqlgrey;

namespace {

// The directory with the one file, in memory, removed at the end.
class Directory {
  public:
    Directory() { fuzz::must(::mkdtemp(path_.data()) != nullptr, "there is a directory"); }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    ~Directory() { std::filesystem::remove_all(path_); }

    const std::string& with_rules(std::string_view text) const {
        std::ofstream(path_ + "/discrimination.regexp", std::ios::binary) << text;
        return path_;
    }

  private:
    std::string path_ = "/dev/shm/sqlgrey-fuzz-XXXXXX";
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Directory directory;
    const std::string_view text = fuzz::text_of(data, size);
    const std::size_t end = text.find("\n\n");
    const auto read = lists::read_discrimination(directory.with_rules(text.substr(0, end)));
    for (const lists::Problem& problem : read.problems)
        fuzz::must(base::shown(problem).find_first_of("\n\r\x1b") == std::string::npos,
                   "a problem may be shown anywhere");
    std::vector<policy::Request> requests;
    if (end != std::string_view::npos)
        policy::Parser().feed(std::string(text.substr(end + 2)) + "\n\n", requests);
    for (const policy::Request& request : requests) {
        const auto rule = read.rules.first_match(request);
        fuzz::must(!rule || *rule <= read.rules.size(), "the rule is one of the file's");
    }
    return 0;
}
