#include "connections.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <set>
#include <vector>

namespace sqlgrey::ctl {
namespace {

// Splits at blanks into at most `most` fields; the last one is the rest of the line, since a path may have
// blanks.
std::vector<std::string_view> fields_of(std::string_view line, std::size_t most) {
    std::vector<std::string_view> fields;
    while (fields.size() < most) {
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        if (line.empty()) break;
        const std::size_t end =
            fields.size() + 1 == most ? line.size() : std::min(line.find(' '), line.size());
        fields.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
    return fields;
}

std::optional<unsigned> number(std::string_view text, int base) {
    unsigned found = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), found, base);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    return found;
}

std::optional<std::int64_t> sum_of_lines(const char* path,
                                         const std::function<int(std::string_view)>& count) {
    std::ifstream file(path);
    if (!file) return {};
    std::int64_t all = 0;
    for (std::string line; std::getline(file, line);) all += count(line);
    return all;
}

}  // namespace

// "  0: 0100007F:09C5 0100007F:D2F0 01 ...": number, local end, remote end, state (proc(5)).
int established_in(std::string_view line_of_tcp, unsigned port) {
    constexpr std::string_view established = "01";
    const auto fields = fields_of(line_of_tcp, 5);
    if (fields.size() < 4 || fields[3] != established) return 0;
    return number(fields[1].substr(fields[1].find(':') + 1), 16) == port ? 1 : 0;
}

// "0000000000000000: 00000003 00000000 00000000 0001 03 4711 /run/sqlgrey.sock": the sixth field is the
// state, the last the path (proc(5)). The client's end has no path.
int accepted_in(std::string_view line_of_unix, std::string_view path) {
    constexpr std::string_view connected = "03";
    const auto fields = fields_of(line_of_unix, 8);
    return fields.size() == 8 && fields[5] == connected && fields[7] == path ? 1 : 0;
}

std::optional<std::int64_t> connections_to(const config::Settings& settings) {
    std::optional<std::int64_t> all;
    const auto add = [&](const std::optional<std::int64_t>& more) {
        if (more) all = all.value_or(0) + *more;
    };
    std::set<unsigned> ports;  // one that is open at several addresses counts once
    std::vector<std::string_view> paths;
    const auto add_port = [&](std::string_view endpoint) {
        if (const auto port = number(endpoint.substr(endpoint.rfind(':') + 1), 10)) ports.insert(*port);
    };
    for (const std::string& endpoint : settings.inet) add_port(endpoint);
    if (!settings.unix_path.empty()) paths.push_back(settings.unix_path);
    for (const std::string_view milter : settings.milter) {
        if (milter.starts_with("unix:"))
            paths.push_back(milter.substr(milter.find(':') + 1));
        else
            add_port(milter);
    }
    for (const unsigned port : ports)
        for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6"})
            add(sum_of_lines(path, [&](std::string_view line) { return established_in(line, port); }));
    for (const std::string_view path : paths)
        add(sum_of_lines("/proc/net/unix", [&](std::string_view line) { return accepted_in(line, path); }));
    return all;
}

}  // namespace sqlgrey::ctl
