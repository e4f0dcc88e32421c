// sqlgreyctl status: whether the daemon runs, and what its tables hold.
#include "functions.hpp"
#include "listening.hpp"
#include "rows.hpp"
#include "settings.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/process/pid_file.hpp"
#include "tables.hpp"
#include "version.hpp"

#include <fstream>
#include <iostream>

namespace sqlgrey::ctl {
namespace {

using store::TableName;
using Facts = std::vector<std::pair<std::string, Cell>>;

// Children whose title (process/title.hpp) says that they answer requests.
std::int64_t workers_of(pid_t master) {
    const std::string task = std::to_string(master);
    std::ifstream children("/proc/" + task + "/task/" + task + "/children");
    std::int64_t workers = 0;
    for (std::string child; children >> child;) {
        std::ifstream file("/proc/" + child + "/cmdline");
        std::string title;
        std::getline(file, title, '\0');
        workers += title.starts_with("sqlgrey: worker");
    }
    return workers;
}

void add_tables(Facts& facts, const Tables& tables) {
    for (const auto& [name, table] : {std::pair{"waiting", TableName::connect},
                                      {"senders", TableName::from_awl},
                                      {"domains", TableName::domain_awl},
                                      {"clients", TableName::client_awl},
                                      {"list_entries", TableName::lists}})
        facts.emplace_back(name, tables.rows->count(table));
    const auto cleaned = cleaning_time(tables);
    facts.emplace_back("last_cleaning", cleaned ? Cell{*cleaned} : Cell{});
}

void print(const Facts& facts, Format format) {
    if (format == Format::text) {
        RowWriter writer(std::cout, format, {"what", "value"});
        for (const auto& [name, value] : facts) writer.row({name, value});
        return;
    }
    std::vector<std::string> names;
    std::vector<Cell> cells;
    for (const auto& [name, value] : facts) {
        names.push_back(name);
        cells.push_back(value);
    }
    RowWriter(std::cout, format, names).row(cells);
}

}  // namespace

int status(const Invocation& invocation) {
    const config::Settings settings = read_settings(invocation);
    const auto daemon = process::running_daemon(settings.pidfile);
    const std::string listens = listening_at(settings);
    const bool runs = daemon.has_value() || !listens.empty();
    Facts facts{{"version", std::string{program_version}},
                {"running", runs},
                {"listening", listens.empty() ? Cell{} : Cell{listens}},
                {"pid", daemon ? Cell{static_cast<std::int64_t>(*daemon)} : Cell{}},
                {"workers", daemon ? Cell{workers_of(*daemon)} : Cell{}},
                {"database", settings.db_name}};
    int result = runs ? done : failed;
    try {
        const Tables tables = open_tables(invocation, store::AdministrationMode::look);
        add_tables(facts, tables);
        facts.emplace_back("database_state", std::string{"available"});
    } catch (const greylist::StoreFailure& error) {
        facts.emplace_back("database_state", std::string{error.what()});
        result = unavailable;
    }
    print(facts, format_of(invocation));
    return result;
}

}  // namespace sqlgrey::ctl
