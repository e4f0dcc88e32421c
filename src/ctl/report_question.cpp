// sqlgreyctl report QUESTION: the queries in sql/report, compiled in, which a database's own client answers
// too.
#include "functions.hpp"
#include "report_questions.hpp"
#include "rows.hpp"
#include "sqlgrey/base/edit_distance.hpp"
#include "sqlgrey/base/text.hpp"
#include "tables.hpp"

#include <algorithm>
#include <iostream>

namespace sqlgrey::ctl {
namespace {

using store::TableColumn;

constexpr std::string_view directory = "sql/report/";
constexpr std::string_view columns_line = "-- columns: ";

// A file: its name without directories and ".sql", the sentence in its first line, its columns, the query.
struct Question {
    std::string_view name, sentence;
    std::vector<std::string> columns;
    std::vector<TableColumn::Is> kinds;
    std::string_view query;
};

// Takes the text up to that character off the beginning of `text`.
std::string_view take_until(std::string_view& text, char end) {
    const std::string_view part = text.substr(0, text.find(end));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    return part;
}

// "-- columns: src text, triplets number"
void read_columns(Question& question, std::string_view line) {
    if (!line.starts_with(columns_line))
        throw std::logic_error(std::string{question.name} + ": no line of columns");
    line.remove_prefix(columns_line.size());
    while (!line.empty()) {
        const std::string_view words = base::trimmed(take_until(line, ','));
        const std::size_t blank = words.find(' ');
        question.columns.emplace_back(words.substr(0, blank));
        question.kinds.push_back(words.ends_with(" number") ? TableColumn::Is::number
                                                            : TableColumn::Is::text);
    }
}

Question question_in(const base::EmbeddedFile& file) {
    Question question{file.name, {}, {}, {}, {}};
    question.name.remove_prefix(question.name.rfind('/') + 1);
    question.name.remove_suffix(std::string_view{".sql"}.size());
    std::string_view text = file.text;
    question.sentence = take_until(text, '\n').substr(std::string_view{"-- "}.size());
    read_columns(question, take_until(text, '\n'));
    // SOCI takes an apostrophe in a comment for the beginning of a text.
    question.query = text.substr(0, text.rfind(';'));
    return question;
}

std::string_view directory_of(base::Database database) {
    switch (database) {
        case base::Database::postgresql:
            return "postgresql/";
        case base::Database::mysql:
            return "mysql/";
        case base::Database::sqlite:
            break;
    }
    return "sqlite/";
}

// Those for any database and those for this one, by name.
std::vector<Question> questions_for(base::Database database) {
    std::vector<Question> questions;
    for (const base::EmbeddedFile& file : report_questions()) {
        const std::string_view path = file.name.substr(directory.size());
        if (path.find('/') == std::string_view::npos || path.starts_with(directory_of(database)))
            questions.push_back(question_in(file));
    }
    std::ranges::sort(questions, {}, &Question::name);
    return questions;
}

int list_questions(Format format) {
    RowWriter writer(std::cout, format, {"question", "sentence"});
    for (const Question& question : questions_for(base::Database::sqlite))
        writer.row({std::string{question.name}, std::string{question.sentence}});
    return done;
}

// Of all databases have the same names.
void refuse_unknown(const std::string& name) {
    const std::vector<Question> all = questions_for(base::Database::sqlite);
    if (std::ranges::find(all, name, &Question::name) != all.end()) return;
    const auto nearest = std::ranges::min_element(
        all, {}, [&](const Question& one) { return base::edit_distance(name, one.name); });
    throw UsageError("report: there is no question \"" + name + "\" (" + std::string{nearest->name} +
                     "?); --list shows all");
}

std::vector<Cell> cells_of(const store::TableRow& row) {
    struct Shown {
        Cell operator()(std::monostate) const { return {}; }
        Cell operator()(const std::string& text) const { return text; }
        Cell operator()(std::int64_t number) const { return number; }
        Cell operator()(base::Time time) const { return time; }
    };
    std::vector<Cell> cells;
    for (const store::TableCell& cell : row) cells.push_back(std::visit(Shown{}, cell));
    return cells;
}

int answer(const Invocation& invocation) {
    const std::string& name = invocation.arguments.front();
    refuse_unknown(name);
    const Tables tables = open_tables(invocation, store::AdministrationMode::look);
    tables.tell_of_hashes();
    const std::vector<Question> all = questions_for(tables.settings.db_type);
    const Question& question = *std::ranges::find(all, name, &Question::name);
    const auto rows = tables.rows->ask(std::string{question.query}, question.kinds);
    RowWriter writer(std::cout, format_of(invocation), question.columns);
    for (const store::TableRow& row : rows) writer.row(cells_of(row));
    return rows.empty() ? nothing : done;
}

}  // namespace

int report(const Invocation& invocation) {
    const bool has_question = !invocation.arguments.empty();
    if (!has_question && !invocation.has("list")) return report_days(invocation);
    if (has_question && invocation.has("list"))
        throw UsageError("report: --list and a question, expected one of them");
    for (const char* option : {"days", "html"})
        if (invocation.has(option))
            throw UsageError(std::string{"report: --"} + option + " has no effect on questions");
    return has_question ? answer(invocation) : list_questions(format_of(invocation));
}

}  // namespace sqlgrey::ctl
