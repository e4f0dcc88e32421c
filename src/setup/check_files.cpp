#include "sqlgrey/setup/check_files.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/dns/public_resolvers.hpp"
#include "sqlgrey/dns/resolver.hpp"
#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/net/identity.hpp"
#include "sqlgrey/net/pool.hpp"
#include "sqlgrey/setup/daemon_user.hpp"
#include "sqlgrey/setup/parts.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iostream>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

namespace sqlgrey::setup {
namespace {

using base::Problem;
using config::Settings;
using Problems = std::vector<Problem>;

// Of the worst problem; also the exit status of the checking child.
enum class Severity { nothing, warning, error };

void add(Problems& problems, const Problems& found) {
    problems.insert(problems.end(), found.begin(), found.end());
}

bool is_missing(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

std::string cannot(const std::string& what, const std::string& path, const Settings& settings, int error) {
    return base::with_errno(
        "user " + log::escape(settings.user) + " cannot " + what + " " + log::escape(path), error);
}

// SQLite creates -wal and -shm next to the file, so the directory must be writable even if the file exists.
void check_database(const config::LoadedSettings& loaded, Problems& problems) {
    const Settings& settings = loaded.settings;
    if (settings.db_type != config::Database::sqlite) return;
    // The default is a relative path, and the unit starts the daemon in another directory than this.
    if (loaded.is_default("db_name")) return;
    const std::string directory = std::filesystem::path(settings.db_name).parent_path().string();
    const std::string where = "db_name = " + log::escape(settings.db_name) + ": ";
    const bool is_error = !loaded.db_name_is_relative;
    const std::string advice =
        is_error
            ? "; correct its rights, or name another"
            : "; the path is taken from the directory the daemon is started in, an absolute one says where";
    if (is_missing(directory)) {
        problems.push_back(
            {is_error, where + "there is no directory " + log::escape(directory) +
                           (is_error ? "; create it, and give it to the daemon's user" : advice)});
    } else if (::access(directory.c_str(), W_OK | X_OK) != 0) {
        problems.push_back(
            {is_error, where + cannot("write into the directory", directory, settings, errno) + advice});
    }
    for (const char* end : {"", "-wal", "-shm"}) {
        const std::string file = settings.db_name + end;
        if (is_missing(file) || ::access(file.c_str(), R_OK | W_OK) == 0) continue;
        problems.push_back({is_error, where + cannot("read and write", file, settings, errno) + advice});
    }
}

// Files that are read with root's rights at the start, but with the daemon's at a reload.
void check_reload(const std::string& config_file, const Settings& settings, Problems& problems) {
    for (const std::string& path : {config_file, settings.db_pass_file, settings.privacy_key_file}) {
        if (path.empty() || is_missing(path) || ::access(path.c_str(), R_OK) == 0) continue;
        problems.push_back({false, cannot("read", path, settings, errno) + "; a reload has to"});
    }
}

// Lists answer no public resolver: every question would be in vain.
void check_resolvers(const Settings& settings, Problems& problems) {
    if (!settings.enrich || (settings.dnswl.empty() && settings.dnsbl.empty())) return;
    std::vector<net::Address> servers;
    for (const std::string& text : settings.dns_servers)
        if (const auto server = dns::parse_server(text)) servers.push_back(server->address);
    const bool of_system = servers.empty();
    if (of_system) servers = dns::nameservers_of_system();
    for (const net::Address& server : servers) {
        const auto who = dns::operator_of_public_resolver(server);
        if (!who) continue;
        problems.push_back({false, std::string{of_system ? "/etc/resolv.conf" : "dns_servers"} + ": " +
                                       net::network(server, server.v6 ? 128 : 32) +
                                       " is a public resolver (" + std::string{*who} +
                                       "), which DNS lists refuse to answer; run a resolver of your own, and "
                                       "name it in dns_servers"});
    }
}

Problems problems_of_files(const std::string& config_file, const config::LoadedSettings& loaded) {
    const Settings& settings = loaded.settings;
    Problems problems;
    if (uses_smart_patterns(settings)) add(problems, net::read_smart_patterns(settings.conf_dir).problems);
    if (settings.pools)
        add(problems, net::read_pool_rules(settings.conf_dir, settings.public_suffix_list).problems);
    if (settings.discrimination) add(problems, discrimination_in(settings).problems);
    add(problems,
        lists::load_lists(settings.conf_dir, {settings.whitelist_clients, settings.whitelist_recipients}, {})
            .problems);
    add(problems, lists::check_local_lists(settings.conf_dir));
    check_database(loaded, problems);
    check_reload(config_file, settings, problems);
    check_resolvers(settings, problems);
    return problems;
}

Severity print(const Problems& problems) {
    for (const Problem& problem : problems) std::cerr << "conf: " << base::shown(problem) << "\n";
    if (problems.empty()) return Severity::nothing;
    const bool has_error = std::ranges::any_of(problems, &Problem::is_error);
    return has_error ? Severity::error : Severity::warning;
}

std::string_view name_of(config::GreyMethod method) {
    switch (method) {
        case config::GreyMethod::full:
            return "full";
        case config::GreyMethod::classc:
            return "classc";
        case config::GreyMethod::prefix:
            return "prefix";
        case config::GreyMethod::smart:
            break;
    }
    return "smart";
}

// By which settings and files clients are told apart.
void print_identity(const Settings& settings) {
    std::cout << "clients: greymethod = " << name_of(settings.greymethod) << ", pools = ";
    if (!settings.pools) {
        std::cout << "off\n" << std::flush;
        return;
    }
    const net::PoolFiles files = net::read_pool_rules(settings.conf_dir, settings.public_suffix_list);
    const auto days =
        std::chrono::duration_cast<std::chrono::hours>(base::SystemClock{}.now() - files.list_made) / 24;
    std::cout << "on\nclients: public suffix list "
              << (files.public_suffix_list.empty() ? "built into libpsl" : files.public_suffix_list) << ", "
              << days.count() << " days old; names of customers by "
              << (files.customers.empty() ? "the expression that is shipped" : files.customers) << "\n"
              << std::flush;
}

Severity check_files(const std::string& config_file, const config::LoadedSettings& loaded) {
    const auto check = [&] {
        const Severity worst = print(problems_of_files(config_file, loaded));
        print_identity(loaded.settings);
        return static_cast<int>(worst);
    };
    return static_cast<Severity>(
        run_as_daemon_user(loaded.settings, check, static_cast<int>(Severity::error)));
}

}  // namespace

int check_config(const config::CommandLine& command, const config::LoadedSettings& loaded) {
    const Severity of_settings = loaded.problems.empty() ? Severity::nothing : Severity::warning;
    const Severity worst = std::max(of_settings, check_files(command.config_file, loaded));
    std::cout << command.config_file << ": sqlgrey would start with these settings";
    if (worst == Severity::error) std::cout << ", but there are errors above";
    std::cout << "\n" << std::flush;
    return worst == Severity::error || (worst == Severity::warning && command.strict) ? 1 : 0;
}

}  // namespace sqlgrey::setup
