#include "postgresql_text.hpp"

#include <cstdint>
#include <functional>

namespace sqlgrey::store {
namespace {

// The well-formed sequences of UTF-8 (RFC 3629), with each byte as a Latin-1 character.
constexpr const char* sequences =
    R"(^([\u0001-\u007f]|[\u00c2-\u00df][\u0080-\u00bf]|\u00e0[\u00a0-\u00bf][\u0080-\u00bf])"
    R"(|[\u00e1-\u00ec\u00ee\u00ef][\u0080-\u00bf]{2}|\u00ed[\u0080-\u009f][\u0080-\u00bf])"
    R"(|\u00f0[\u0090-\u00bf][\u0080-\u00bf]{2}|[\u00f1-\u00f3][\u0080-\u00bf]{3}|\u00f4[\u0080-\u008f][\u0080-\u00bf]{2})+$)";

ColumnNames texts_of(const WantedTable& table) {
    ColumnNames texts;
    for (const WantedColumn& column : table.columns)
        if (column.length > 0) texts.push_back(column.name);
    return texts;
}

std::string is_double(const std::string& column) {
    return column + R"( ~ '[\u0080-\u00ff]' and )" + column + " ~ '" + sequences + "'";
}

std::string single(const std::string& column) {
    return "case when " + is_double(column) + " then convert_from(convert_to(" + column +
           ", 'LATIN1'), 'UTF8') else " + column + " end";
}

std::string joined(const ColumnNames& columns, const std::string& separator,
                   const std::function<std::string(const std::string&)>& make) {
    std::string text;
    for (const std::string& column : columns) text += (text.empty() ? "" : separator) + make(column);
    return text;
}

std::string any_is_double(const WantedTable& table) {
    return joined(texts_of(table), " or ",
                  [](const std::string& column) { return "(" + is_double(column) + ")"; });
}

std::string update(const WantedTable& table) {
    const auto set = [](const std::string& column) { return column + " = " + single(column); };
    const auto meets = [&](const std::string& column) {
        return "other." + column + " = " + single(table.name + "." + column);
    };
    return "update " + table.name + "\nset " + joined(texts_of(table), ",\n    ", set) + "\nwhere (" +
           any_is_double(table) + ")\n    and not exists (select 1 from " + table.name + " other where " +
           joined(table.keys.front(), " and ", meets) + ")";
}

bool may_be_perls(const WantedTable& table) {
    return table.name == "connect" || table.name == "from_awl" || table.name == "domain_awl";
}

}  // namespace

std::vector<Step> steps_to_single_utf8(Session& session, const Catalog& catalog) {
    std::string encoding;
    session.raw() << "select current_setting('server_encoding')", soci::into(encoding);
    if (encoding != "UTF8") return {};
    std::vector<Step> steps;
    for (const WantedTable& table : wanted_tables(Database::postgresql))
        if (may_be_perls(table) && catalog.contains(table.name))
            steps.push_back({Step::Need::wished,
                             table.name,
                             "convert the texts of " + table.name + " to UTF-8",
                             {update(table)},
                             false,
                             true});
    return steps;
}

std::int64_t count_double_utf8(Session& session, const WantedTable& wanted) {
    std::int64_t count = 0;
    session.raw() << "select count(*) from " + wanted.name + " where " + any_is_double(wanted),
        soci::into(count);
    return count;
}

}  // namespace sqlgrey::store
