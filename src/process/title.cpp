// /proc/PID/cmdline shows the memory of argv. If its last byte is not 0, the kernel continues into the
// environment, which is right behind it (proc_pid_cmdline(5)); so a title may be longer than argv.
#include "sqlgrey/process/title.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <unistd.h>

namespace sqlgrey::process {
namespace {

struct TitleMemory {
    char* begin = nullptr;
    char* end = nullptr;
    std::string command_line;
};

// One per process, like the memory itself.
TitleMemory& title_memory() {
    static TitleMemory* const only = new TitleMemory;
    return *only;
}

// The end of the texts that follow one another in memory, starting at `end`.
char* end_of_run(char** texts, char* end) {
    for (; *texts != nullptr && *texts == end; ++texts) end = *texts + std::strlen(*texts) + 1;
    return end;
}

char** copied(char** texts) {
    std::size_t count = 0;
    while (texts[count] != nullptr) ++count;
    auto* const copies = new char*[count + 1]();
    std::transform(texts, texts + count, copies, ::strdup);
    return copies;
}

}  // namespace

void reserve_title_memory(int argc, char** argv) {
    if (argc == 0) return;
    for (int i = 0; i < argc; ++i) (title_memory().command_line += i == 0 ? "" : " ") += argv[i];
    char* const end = end_of_run(environ, end_of_run(argv, argv[0]));
    // Both point into argv[0], and syslog lines begin with the second.
    program_invocation_name = ::strdup(program_invocation_name);
    program_invocation_short_name = ::strdup(program_invocation_short_name);
    environ = copied(environ);
    title_memory().begin = argv[0];
    title_memory().end = end;
}

void set_title(const std::string& title) {
    const auto size = static_cast<std::size_t>(title_memory().end - title_memory().begin);
    if (size == 0) return;
    const std::string_view shown = std::string_view{title}.substr(0, size - 1);
    std::fill(shown.copy(title_memory().begin, shown.size()) + title_memory().begin, title_memory().end,
              '\0');
}

std::string command_line() {
    return title_memory().command_line;
}

}  // namespace sqlgrey::process
