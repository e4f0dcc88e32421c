// sqlgreyctl report: what greylisting did in the last days, as text, rows or a page of HTML.
#include "functions.hpp"
#include "report_figures.hpp"
#include "rows.hpp"
#include "settings.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/file.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/report/page.hpp"
#include "sqlgrey/report/summary.hpp"
#include "sqlgrey/report/tables.hpp"
#include "sqlgrey/report/words.hpp"
#include "sqlgrey/setup/daemon_user.hpp"
#include "values.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iostream>

#include <sys/mman.h>
#include <sys/stat.h>

namespace sqlgrey::ctl {
namespace {

constexpr std::int64_t usual_days = 30, most_days = 400;
constexpr std::size_t longest_page = std::size_t{4} << 20;  // 40 times what one has

int days_of(const Invocation& invocation) {
    return static_cast<int>(number_of(invocation, "days", {1, most_days}, usual_days));
}

report::Figures figures_of(const Invocation& invocation, const Tables& tables) {
    report::Figures figures = read_figures(tables, days_of(invocation));
    if (invocation.config_file_named)  // of a second daemon, perhaps: its commands are for its database
        figures.ctl +=
            " -f " + report::shell_word(std::filesystem::absolute(invocation.config_file).string());
    return figures;
}

// For people as on the page; for programs seconds and whole percents.
Cell cell_of(const report::Cell& cell, Format format) {
    struct Converted {
        bool for_people;
        Cell operator()(std::monostate) const { return {}; }
        Cell operator()(const std::string& text) const { return text; }
        Cell operator()(std::int64_t number) const { return number; }
        Cell operator()(bool yes) const { return yes; }
        Cell operator()(base::Time time) const { return time; }
        Cell operator()(report::Date date) const { return report::iso(date); }
        Cell operator()(const report::Wait& wait) const {
            return for_people ? Cell{report::duration(wait)} : Cell{std::int64_t{wait.time.count()}};
        }
        Cell operator()(const report::Percent& share) const {
            if (for_people) return report::percent(share.part, share.whole);
            if (share.whole <= 0) return {};
            return (share.part * 200 / share.whole + 1) / 2;
        }
    };
    return std::visit(Converted{format == Format::text}, cell);
}

std::vector<Cell> cells_of(const std::vector<report::Cell>& row, Format format) {
    std::vector<Cell> cells(row.size());
    std::ranges::transform(row, cells.begin(),
                           [&](const report::Cell& cell) { return cell_of(cell, format); });
    return cells;
}

void write_text(const report::Figures& figures) {
    std::cout << log::escape(report::sentence(figures)) << "\n";
    for (const report::Table& table : report::tables_of(figures)) {
        std::cout << "\n" << table.title << "\n";
        if (!table.note.empty()) std::cout << table.note << "\n";
        std::vector<std::string> titles(table.columns.size());
        std::ranges::transform(table.columns, titles.begin(), &report::TableColumn::title);
        // Half a command is of no use.
        const std::size_t width = table.name == "sources" ? 0 : terminal_width();
        RowWriter writer(std::cout, Format::text, titles, width);
        for (const auto& row : table.rows) writer.row(cells_of(row, Format::text));
    }
}

std::vector<report::Table> tables_for_programs(const report::Figures& figures) {
    std::vector<report::Table> tables{report::summary_table(figures)};
    for (report::Table& table : report::tables_of(figures)) tables.push_back(std::move(table));
    return tables;
}

// An object for each row of each table, which names the table.
void write_json(const report::Figures& figures) {
    for (const report::Table& table : tables_for_programs(figures)) {
        std::vector<std::string> names{"table"};
        for (const report::TableColumn& column : table.columns) names.push_back(column.name);
        RowWriter writer(std::cout, Format::json, names);
        for (const auto& row : table.rows) {
            std::vector<Cell> cells = cells_of(row, Format::json);
            cells.insert(cells.begin(), table.name);
            writer.row(cells);
        }
    }
}

// A line for each number or text: the table, the first cell of its row, the name of its column, and itself.
void write_csv(const report::Figures& figures) {
    RowWriter writer(std::cout, Format::csv, {"table", "row", "name", "value"});
    for (const report::Table& table : tables_for_programs(figures))
        for (const auto& row : table.rows)
            for (std::size_t i = 1; i < row.size(); ++i)
                writer.row({table.name, cell_of(row[0], Format::csv), table.columns[i].name,
                            cell_of(row[i], Format::csv)});
}

void print(const report::Figures& figures, Format format) {
    switch (format) {
        case Format::text:
            return write_text(figures);
        case Format::json:
            return write_json(figures);
        case Format::csv:
            return write_csv(figures);
    }
}

// The page, made with the rights of the daemon's user; nothing if that failed, with its exit status.
std::optional<std::string> made_page(const Invocation& invocation, int& status) {
    const base::unique_fd made{::memfd_create("report", MFD_CLOEXEC)};  // a child may fill it
    if (!made) throw base::StartError(base::with_errno("the page cannot be kept in memory", errno));
    const auto make = [&] {
        try {
            const Tables tables = open_tables(invocation, store::AdministrationMode::look);
            if (!base::write_all(made.get(), report::page(figures_of(invocation, tables))))
                throw base::StartError(base::with_errno("the page cannot be kept in memory", errno));
            return done;
        } catch (const greylist::StoreUnavailable& error) {
            std::cerr << "sqlgreyctl: " << log::escape(error.what()) << "\n";
            return unavailable;
        } catch (const std::exception& error) {
            std::cerr << "sqlgreyctl: " << log::escape(error.what()) << "\n";
            return failed;
        }
    };
    status = setup::run_as_daemon_user(read_settings(invocation), make, failed);
    if (status != done || ::lseek(made.get(), 0, SEEK_SET) != 0) return {};
    return base::read_all(made.get(), longest_page);
}

int write_page(const Invocation& invocation, const std::string& file) {
    const mode_t mask = ::umask(0);  // before that of the daemon is set
    ::umask(mask);
    int status = failed;
    const auto page = made_page(invocation, status);
    if (!page) return status;
    if (file == "-") {
        std::cout << *page;
        return done;
    }
    base::replace_file(file, *page, 0666 & ~mask);
    return done;
}

}  // namespace

int report_days(const Invocation& invocation) {
    const auto file = invocation.value("html");
    if (file && invocation.has("format"))
        throw UsageError("report: --html and --format, expected one of them");
    if (file && file->empty())
        throw UsageError("report: --html is empty, expected a file, or - for standard output");
    days_of(invocation);  // refuses a wrong number before the database is opened
    if (file) return write_page(invocation, *file);
    const Tables tables = open_tables(invocation, store::AdministrationMode::look);
    tables.tell_of_hashes();
    print(figures_of(invocation, tables), format_of(invocation));
    return done;
}

}  // namespace sqlgrey::ctl
