#include "mysql_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <sstream>

namespace sqlgrey::store {
namespace {

// Character sets whose text is UTF-8 already.
constexpr std::array<std::string_view, 5> already_bytes{"", "ascii", "utf8", "utf8mb3", "utf8mb4"};
// Character sets in which an ASCII letter has more than one byte.
constexpr std::array<std::string_view, 4> wide{"ucs2", "utf16", "utf16le", "utf32"};

std::string marker_of(const WantedTable& table) {
    return "sqlgrey_convert_" + table.name;
}

std::string is_utf8(const std::string& column) {
    return "coalesce(cast(convert(" + column + " using utf8mb4) as binary) = " + column + ", 0)";
}

// The UTF-8 of a text in this character set; the text itself if converting it back would not give the same.
std::string converted(const std::string& column, const std::string& charset) {
    const std::string characters = "convert(convert(" + column + " using " + charset + ") using utf8mb4)";
    const std::string back = "cast(convert(" + characters + " using " + charset + ") as binary)";
    const bool is_wide = std::ranges::find(wide, charset) != wide.end();
    return "case" + (is_wide ? "" : " when " + is_utf8(column) + " then " + column) + " when " + back +
           " = " + column + " then cast(" + characters + " as binary) else " + column + " end";
}

std::int64_t number(Session& session, const std::string& query) {
    std::int64_t value = 0;
    session.raw() << query, soci::into(value);
    return value;
}

// Lengths are in bytes, before and after the conversion.
std::int64_t longest(Session& session, const std::string& table, const std::string& column) {
    return number(session, "select coalesce(max(greatest(length(" + column + "), coalesce(length(convert(" +
                               column + " using utf8mb4)), 0))), 0) from " + table);
}

std::string with_length(const WantedColumn& column, std::int64_t length) {
    std::string definition = column.definition;
    const std::string stated = "(" + std::to_string(column.length) + ")";
    return definition.replace(definition.find(stated), stated.size(), "(" + std::to_string(length) + ")");
}

// The note in config for the next transaction: "sender_name:latin1 src:latin1".
std::string noted(const std::vector<const FoundColumn*>& columns) {
    std::string note;
    for (const FoundColumn* column : columns)
        if (std::ranges::find(already_bytes, column->charset) == already_bytes.end())
            note += (note.empty() ? "" : " ") + column->name + ":" + column->charset;
    return note;
}

// The opt tables are looked up in lower case; a collation that ignores case also found entries with capitals.
std::string lowered(const std::string& table, const std::string& column) {
    return "update ignore " + table + " set " + column + " = lower(" + column + ") where cast(" + column +
           " as binary) <> cast(lower(" + column + ") as binary)";
}

Step become_bytes(Session& session, const WantedTable& wanted, const std::vector<const FoundColumn*>& columns,
                  Depth depth) {
    Step step{
        Step::Need::needed, wanted.name, "turn the texts of " + wanted.name + " into bytes", {}, false, true};
    if (const std::string note = noted(columns); !note.empty()) {
        step.statements.push_back("delete from config where parameter = '" + marker_of(wanted) + "'");
        step.statements.push_back("insert into config (parameter, value) values ('" + marker_of(wanted) +
                                  "', '" + note + "')");
    }
    std::string alter;
    for (const FoundColumn* column : columns) {
        if (wanted.name.starts_with("opt") && column->ignores_case)
            step.statements.push_back(lowered(wanted.name, column->name));
        const WantedColumn& as_ours = *wanted.column(column->name);
        const std::int64_t room =
            std::max({static_cast<std::int64_t>(as_ours.length), column->length * !!column->charset.empty(),
                      depth == Depth::rows ? longest(session, wanted.name, column->name) : 0});
        alter += (alter.empty() ? "alter table " + wanted.name + "\n    modify " : ",\n    modify ") +
                 with_length(as_ours, room);
    }
    step.statements.push_back(alter);
    return step;
}

// first_seen = itself: MySQL may set a table's first timestamp column to now otherwise.
Step convert(const WantedTable& wanted, const std::string& note) {
    Step step{Step::Need::needed, wanted.name, "convert the texts of " + wanted.name + " to UTF-8",
              {"begin"},          false,       true};
    std::string times;
    for (const WantedColumn& column : wanted.columns)
        if (column.is_time()) times += ", " + column.name + " = " + column.name;
    std::istringstream words(note);
    for (std::string word; words >> word;) {
        const std::string column = word.substr(0, word.find(':'));
        const std::string value = converted(column, word.substr(word.find(':') + 1));
        step.statements.push_back("update ignore " + wanted.name + " set " + column + " = " + value + times +
                                  " where " + column + " <> " + value);
    }
    step.statements.push_back("delete from config where parameter = '" + marker_of(wanted) + "'");
    step.statements.push_back("commit");
    return step;
}

}  // namespace

std::vector<Step> text_steps(Session& session, const WantedTable& wanted, const FoundTable& found,
                             Depth depth) {
    std::vector<const FoundColumn*> texts;
    for (const FoundColumn& column : found.columns) {
        const WantedColumn* as_ours = wanted.column(column.name);
        if (as_ours && as_ours->is_bytes() && (column.type != "varbinary" || column.length < as_ours->length))
            texts.push_back(&column);
    }
    if (!texts.empty()) return {become_bytes(session, wanted, texts, depth)};
    std::string note;
    session.prepared({StatementId::read_config}).bind(marker_of(wanted)).query([&](const Prepared& row) {
        note = row.text(0);
    });
    if (note.empty()) return {};
    return {convert(wanted, note)};
}

std::int64_t count_unmatched(Session& session, const WantedTable& wanted) {
    std::string condition;
    for (const WantedColumn& column : wanted.columns)
        if (column.is_bytes())
            condition += (condition.empty() ? "" : " or ") + ("length(" + column.name + ") > ") +
                         std::to_string(column.length) + " or not " + is_utf8(column.name);
    return condition.empty() ? 0
                             : number(session, "select count(*) from " + wanted.name + " where " + condition);
}

}  // namespace sqlgrey::store
