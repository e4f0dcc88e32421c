// sqlgrey.conf of any bytes: read, problems reported, and the output of print_config() gives the same
// settings.
#include "fuzz.hpp"
#include "sqlgrey/config/show.hpp"

#include <algorithm>

#include <sys/mman.h>
#include <unistd.h>

using namespace sqlgrey::config;

namespace {

LoadedSettings loaded(std::string_view text) {
    const int file = ::memfd_create("sqlgrey.conf", MFD_CLOEXEC);
    fuzz::must(file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()),
               "there is a file");
    LoadedSettings result = load("/proc/self/fd/" + std::to_string(file), true, {});
    ::close(file);
    return result;
}

bool is_printable(const std::string& text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const LoadedSettings first = loaded(fuzz::text_of(data, size));
    for (const SettingsProblem& problem : first.problems)
        fuzz::must(is_printable(shown(problem)), "a problem has no control characters");
    const std::string printed = print_config(first);
    if (!first.usable()) return 0;
    const LoadedSettings again = loaded(printed);
    const bool has_secrets = std::any_of(first.in_force.begin(), first.in_force.end(),
                                         [](const InForce& parameter) { return parameter.hidden; });
    if (has_secrets) return 0;
    fuzz::must(again.usable(), "what is printed is accepted");
    fuzz::must(print_config(again).size() > 0, "it is printed again");
    for (std::size_t i = 0; i < first.in_force.size(); ++i)
        fuzz::must(first.in_force[i].value == again.in_force[i].value, "it means the same");
    return 0;
}
