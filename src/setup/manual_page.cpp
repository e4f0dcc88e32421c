#include "sqlgrey/setup/manual_page.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/unique_fd.hpp"

#include <cerrno>
#include <iostream>

#include <sys/mman.h>
#include <unistd.h>

namespace sqlgrey::setup {
namespace {

// Makes the page standard input; false, with errno, on failure.
bool read_from(std::string_view source) {
    const base::unique_fd page{::memfd_create("manual page", 0)};
    return page && ::write(page.get(), source.data(), source.size()) == static_cast<ssize_t>(source.size()) &&
           ::lseek(page.get(), 0, SEEK_SET) == 0 && ::dup2(page.get(), STDIN_FILENO) == STDIN_FILENO;
}

}  // namespace

int show_manual(std::string_view source, const std::string& name) {
    // No hyphenation and no justification, so that an option can be searched for.
    if (read_from(source)) ::execlp("man", "man", "--nh", "--nj", "--local-file", "-", nullptr);
    std::cerr << base::with_errno("cannot run man(1) (package man-db) to show " + name, errno)
              << "; --help lists all options\n";
    return 1;
}

}  // namespace sqlgrey::setup
