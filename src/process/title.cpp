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

struct Room {
    char* begin = nullptr;
    char* end = nullptr;
    std::string command_line;
};

// One per process, like the memory itself.
Room& room() {
    static Room* const only = new Room;
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

void make_room_for_title(int argc, char** argv) {
    if (argc == 0) return;
    for (int i = 0; i < argc; ++i) (room().command_line += i == 0 ? "" : " ") += argv[i];
    char* const end = end_of_run(environ, end_of_run(argv, argv[0]));
    // Both point into argv[0], and syslog lines begin with the second.
    program_invocation_name = ::strdup(program_invocation_name);
    program_invocation_short_name = ::strdup(program_invocation_short_name);
    environ = copied(environ);
    room().begin = argv[0];
    room().end = end;
}

void set_title(const std::string& title) {
    const auto size = static_cast<std::size_t>(room().end - room().begin);
    if (size == 0) return;
    const std::string_view shown = std::string_view{title}.substr(0, size - 1);
    std::fill(shown.copy(room().begin, shown.size()) + room().begin, room().end, '\0');
}

std::string command_line() {
    return room().command_line;
}

}  // namespace sqlgrey::process
