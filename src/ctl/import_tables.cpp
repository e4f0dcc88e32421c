// sqlgreyctl import: writes the rows of `sqlgreyctl export` into the tables. Idempotent.
#include "filters.hpp"
#include "functions.hpp"
#include "json.hpp"
#include "settings.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/greylist/limits.hpp"
#include "sqlgrey/greylist/triplet.hpp"
#include "sqlgrey/importer/input.hpp"
#include "sqlgrey/importer/lines.hpp"
#include "sqlgrey/lists/list_name.hpp"
#include "sqlgrey/mail/address.hpp"

#include <array>
#include <iostream>
#include <set>
#include <stdexcept>

namespace sqlgrey::ctl {
namespace {

using store::TableColumn;
using store::TableName;
using store::TableRow;

constexpr std::size_t widest = 255;  // bytes, for texts not named below

std::size_t width_of(std::string_view column) {
    if (column == "src") return greylist::max_src;
    return column == "sender_name" || column == "added_by" ? mail::max_sender_name : widest;
}

[[noreturn]] void refuse(const std::string& what) {
    throw std::invalid_argument(what);
}

// Throws std::invalid_argument: what was expected.
store::TableCell cell_of(const TableColumn& column, const Cell& value) {
    const std::string name = column.name;
    const bool is_absent = std::holds_alternative<std::monostate>(value);
    if (is_absent &&
        (column.is == TableColumn::Is::optional_time || column.merge == TableColumn::Merge::generated))
        return {};
    if (column.is == TableColumn::Is::number) {
        const auto* number = std::get_if<std::int64_t>(&value);
        if (!number) refuse(name + ": expected a whole number");
        return *number;
    }
    const auto* text = std::get_if<std::string>(&value);
    if (!text) refuse(name + ": expected a text");
    if (column.is == TableColumn::Is::text) {
        const std::string stored = greylist::storable(*text, width_of(name));
        if (stored.size() < text->size() || text->size() > width_of(name))
            refuse(name + ": expected at most " + std::to_string(width_of(name)) + " bytes");
        if (name == "list" && !lists::list_named(*text)) refuse("list: expected the name of a list");
        return stored;
    }
    const auto time = read_rfc3339(*text);
    if (!time) refuse(name + ": expected a time such as 2026-11-27T10:12:33Z");
    return *time;
}

std::pair<TableName, TableRow> row_of(std::string_view line) {
    JsonObject object = read_json_object(line);
    const auto named = object.find("table");
    const auto* name = named == object.end() ? nullptr : std::get_if<std::string>(&named->second);
    const auto table = name ? store::table_named(*name) : std::nullopt;
    if (!table) refuse("table: expected the name of one of sqlgrey's tables, as export writes it");
    if (store::shape_of(*table).is_cache)
        refuse("table: " + *name + " is not imported, sqlgrey finds out again what it holds");
    object.erase(named);
    TableRow row;
    for (const TableColumn& column : store::shape_of(*table).columns) {
        const auto found = object.find(column.name);
        row.push_back(cell_of(column, found == object.end() ? Cell{} : found->second));
        if (found != object.end()) object.erase(found);
    }
    if (!object.empty()) refuse("\"" + object.begin()->first + "\" is no column of this table");
    return {*table, row};
}

// Collects rows of one table with different keys: a statement that inserted a key twice would be refused.
class Batch {
  public:
    // With null nothing is written.
    explicit Batch(store::Administration* rows) : rows_(rows) {}

    void add(TableName table, const TableRow& row) {
        std::vector<store::TableCell> key;
        const auto& columns = store::shape_of(table).columns;
        for (std::size_t i = 0; i < columns.size(); ++i)
            if (columns[i].merge == TableColumn::Merge::key) key.push_back(row[i]);
        if (table != table_ || kept_.size() == store::Administration::page_size || keys_.contains(key))
            flush();
        table_ = table;
        keys_.insert(std::move(key));
        kept_.push_back(row);
    }
    void flush() {
        if (rows_ && !kept_.empty()) rows_->put(table_, kept_);
        kept_.clear();
        keys_.clear();
    }

  private:
    store::Administration* rows_;
    TableName table_ = TableName::connect;
    std::vector<TableRow> kept_;
    std::set<std::vector<store::TableCell>> keys_;
};

// Returns the number of rows in the file. Throws base::StartError.
std::int64_t read(importer::Input& input, Batch& batch, Progress& progress, std::int64_t before) {
    importer::LineReader lines(input.file->text());
    std::int64_t rows = 0;
    while (const auto line = lines.next()) {
        if (line->text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        try {
            if (!line->whole) refuse("expected a line as export writes it, this one is too long");
            const auto [table, row] = row_of(line->text);
            batch.add(table, row);
        } catch (const std::invalid_argument& error) {
            batch.flush();
            throw base::StartError(input.name + ", line " + std::to_string(line->number) + ": " +
                                   error.what() + "; the rows before it are in");
        }
        progress.at(before + ++rows);
    }
    if (input.file->not_text()) throw base::StartError(input.name + " is no text that export wrote");
    if (!input.file->problem().empty()) throw base::StartError(input.name + ": " + input.file->problem());
    return rows;
}

}  // namespace

int import_tables(const Invocation& invocation) {
    const bool dry_run = invocation.has("dry-run");
    auto inputs = importer::open_inputs(invocation.arguments, base::SystemClock{}.now());
    std::optional<Tables> tables;
    if (!dry_run) tables = open_tables(invocation, store::AdministrationMode::make);
    Batch batch(dry_run ? nullptr : tables->rows.get());
    Progress progress("imported");
    std::int64_t rows = 0;
    for (importer::Input& input : inputs) rows += read(input, batch, progress, rows);
    batch.flush();
    std::cerr << "sqlgreyctl: " << (dry_run ? "dry run: would import " : "imported ") << counted(rows, "row")
              << "\n";
    if (!dry_run && rows > 0) tables->log_act(counted(rows, "row"));
    return rows > 0 ? done : nothing;
}

}  // namespace sqlgrey::ctl
