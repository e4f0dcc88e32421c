#include "inherited.hpp"

#include "sqlgrey/process/descriptor_store.hpp"
#include "sqlgrey/server/worker.hpp"
#include "version.hpp"

#include <string>
#include <utility>

namespace sqlgrey::app {
namespace {

// systemd allows no colon, and 255 bytes (FDNAME= in sd_notify(3)).
constexpr const char* of_socket_unit = "unit";
constexpr const char* listener = "sqlgrey-listener";
constexpr const char* metrics_listener = "sqlgrey-metrics";
constexpr const char* replace = "sqlgrey-replace";
constexpr const char* name_of_counters = "sqlgrey-counters";

std::string counters() {
    return std::string{name_of_counters} + ' ' + program_version + ' ' + std::to_string(sizeof(SharedState));
}

// Exactly, because a socket unit may have names of its own.
bool is_ours(const std::string& name) {
    return name == listener || name == metrics_listener || name == replace ||
           name.starts_with(name_of_counters) || process::is_name_in_store(name);
}

}  // namespace

void add_passed(Inherited& inherited) {
    auto passed = process::take_passed_descriptors();
    for (const process::PassedDescriptor& each : passed)
        if (is_ours(each.name)) inherited.stored.insert(each.name);
    inherited.connections = process::take_stored_connections(passed, server::connection_format);
    add(inherited, std::move(passed));
}

void add(Inherited& inherited, std::vector<process::PassedDescriptor> descriptors) {
    for (process::PassedDescriptor& each : descriptors) {
        if (each.name == listener)
            inherited.listeners.push_back(std::move(each.fd));
        else if (each.name == metrics_listener)
            inherited.metrics_listeners.push_back(std::move(each.fd));
        else if (each.name == replace)
            inherited.replace_socket = std::move(each.fd);
        else if (each.name == counters() && base::is_memory_file(each.fd.get(), sizeof(SharedState)))
            inherited.counters = std::move(each.fd);
        else if (!is_ours(each.name))
            inherited.passed.add(each.name, std::move(each.fd));
    }
}

SharedStateFile SharedStateFile::of(base::unique_fd of_before) {
    if (of_before) return {std::move(of_before), base::Found::objects};
    return {base::make_memory_file(sizeof(SharedState)), base::Found::zeros};
}

SharedStateFile::SharedStateFile(base::unique_fd file, base::Found found)
    : is_new_(found == base::Found::zeros), file_(std::move(file)), memory_(file_.get(), found) {
}

std::vector<process::Offered> offer(const server::Listeners& listeners,
                                    const MetricsListeners& metrics_listeners, const SharedStateFile& state,
                                    const std::optional<process::ReplaceSocket>& replace_socket) {
    std::vector<process::Offered> all;
    for (std::size_t i = 0; i < listeners.sockets.size(); ++i)
        all.push_back({i < listeners.passed ? of_socket_unit : listener, listeners.sockets[i].get()});
    for (const base::unique_fd& each : *metrics_listeners) all.push_back({metrics_listener, each.get()});
    all.push_back({counters(), state.fd()});
    if (replace_socket) all.push_back({replace, replace_socket->fd()});
    return all;
}

std::vector<process::Offered> what_to_keep(std::vector<process::Offered> offered) {
    std::erase_if(offered, [](const process::Offered& each) {
        return each.name == of_socket_unit || each.name == replace;
    });
    return offered;
}

}  // namespace sqlgrey::app
