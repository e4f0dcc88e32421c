#include "sqlgrey/importer/input.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/unique_fd.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sqlgrey::importer {
namespace {

Input open_input(const std::string& file, base::Time now) {
    const bool is_standard_input = file == "-";
    const std::string name = is_standard_input ? "standard input" : file;
    base::unique_fd fd{is_standard_input ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                         : ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0)
        throw base::StartError(base::with_errno("cannot open " + name, errno));
    if (S_ISDIR(status.st_mode)) throw base::StartError("cannot read " + name + ": it is a directory");
    const bool has_time = S_ISREG(status.st_mode) && status.st_mtime > 0;
    return {name, std::make_unique<TextFile>(std::move(fd)),
            has_time ? std::min(base::at(status.st_mtime), now) : now};
}

}  // namespace

std::vector<Input> open_inputs(const std::vector<std::string>& names, base::Time now) {
    std::vector<Input> inputs;
    inputs.reserve(names.size());
    for (const std::string& name : names) inputs.push_back(open_input(name, now));
    return inputs;
}

}  // namespace sqlgrey::importer
