// sqlgreyctl status: whether the daemon runs, the sizes of its tables and lists, the last cleaning.
#include "connections.hpp"
#include "functions.hpp"
#include "listening.hpp"
#include "rows.hpp"
#include "settings.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/lists/live_lists.hpp"
#include "sqlgrey/process/pid_file.hpp"
#include "sqlgrey/setup/parts.hpp"
#include "sqlgrey/setup/rules.hpp"
#include "tables.hpp"
#include "version.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>

namespace sqlgrey::ctl {
namespace {

using store::TableName;
using Facts = std::vector<std::pair<std::string, Cell>>;

// Counts the master's children whose title (process/title.hpp) is that of a worker.
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
    facts.emplace_back("waiting", tables.rows->waiting());
    for (const auto& [name, table] : {std::pair{"senders", TableName::from_awl},
                                      {"domains", TableName::domain_awl},
                                      {"clients", TableName::client_awl},
                                      {"list_entries", TableName::lists},
                                      {"expectations", TableName::expectation}})
        facts.emplace_back(name, tables.rows->count(table));
    for (const auto& [name, table] :
         {std::pair{"facts", TableName::fact}, {"spf_networks", TableName::spf_network}})
        facts.emplace_back(name, tables.rows->has(table) ? Cell{tables.rows->count(table)} : Cell{});
    const auto cleaned = cleaning_time(tables);
    facts.emplace_back("last_cleaning", cleaned ? Cell{*cleaned} : Cell{});
}

// The first and the last day of the daily statistics.
void add_statistics(Facts& facts, const Tables& tables) {
    using Is = store::TableColumn::Is;
    constexpr Is columns[] = {Is::text, Is::text};
    std::vector<store::TableRow> found;
    try {
        found = tables.rows->ask("select min(day), max(day)\nfrom daily", columns);
    } catch (const greylist::StoreError&) {
        // There is no such table, which stops nothing else.
    }
    for (std::size_t i = 0; i < std::size(columns); ++i) {
        const auto* day = found.empty() ? nullptr : std::get_if<std::string>(&found.front()[i]);
        facts.emplace_back(i == 0 ? "statistics_from" : "statistics_until",
                           day && !day->empty() ? Cell{*day} : Cell{});
    }
}

// The latest modification time of the list files; nothing if there is no file.
std::optional<base::Time> newest_file(const config::Settings& settings) {
    std::optional<base::Time> newest;
    for (const lists::ListName list : lists::all_list_names)
        newest = std::max(newest, lists::newest_file(settings.conf_dir, list));
    return newest;
}

// The number of entries in files, for lists that are not empty.
void add_lists(Facts& facts, config::Settings settings) {
    settings.levels = log::Levels{log::error};
    const log::Logger logger = setup::logger_of(settings, setup::LogTo::standard_error);
    const auto all =
        lists::read_lists_once(setup::lists_of(settings, logger), settings.conf_dir, nullptr, logger);
    policy::Attempt anybody;
    anybody.client = net::Address{};
    for (const lists::Asked& list : all->explain(anybody))
        if (list.entries > 0)
            facts.emplace_back(lists::text_of(list.list), static_cast<std::int64_t>(list.entries));
    const auto newest = newest_file(settings);
    facts.emplace_back("lists_changed", newest ? Cell{*newest} : Cell{});
}

// A number as text, because RowWriter aligns columns with numbers to the right.
Cell as_text(const Cell& value) {
    const auto* number = std::get_if<std::int64_t>(&value);
    return number ? Cell{std::to_string(*number)} : value;
}

void print(const Facts& facts, Format format) {
    if (format == Format::text) {
        RowWriter writer(std::cout, format, {"what", "value"});
        for (const auto& [name, value] : facts) writer.row({name, as_text(value)});
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
    const auto connections = connections_to(settings);  // before listening_at() adds one
    const std::string listens = listening_at(settings);
    const bool runs = daemon.has_value() || !listens.empty();
    Facts facts{{"version", std::string{program_version}},
                {"running", runs},
                {"listening", listens.empty() ? Cell{} : Cell{listens}},
                {"pid", daemon ? Cell{static_cast<std::int64_t>(*daemon)} : Cell{}},
                {"workers", daemon ? Cell{workers_of(*daemon)} : Cell{}},
                {"connections", connections ? Cell{*connections} : Cell{}},
                {"database", settings.db_name}};
    int result = runs ? done : failed;
    try {
        const Tables tables = open_tables(invocation, store::AdministrationMode::look);
        add_tables(facts, tables);
        add_statistics(facts, tables);
        facts.emplace_back("database_state", std::string{"available"});
    } catch (const greylist::StoreFailure& error) {
        facts.emplace_back("database_state", std::string{error.what()});
        result = unavailable;
    }
    add_lists(facts, settings);
    print(facts, format_of(invocation));
    return result;
}

}  // namespace sqlgrey::ctl
