#include "schema_words.hpp"

namespace sqlgrey::store {

const SchemaWords& schema_words_of(Database database) {
    switch (database) {
        case Database::postgresql:
            return postgresql_schema_words();
        case Database::mysql:
            return mysql_schema_words();
        case Database::sqlite:
            break;
    }
    return sqlite_schema_words();
}

std::string SchemaWords::add_index(const std::string& table, const WantedIndex& index) const {
    return "create index " + index.name + " on " + table + " (" + listed(index.columns) + ")";
}

std::string SchemaWords::drop_index(const std::string&, const std::string& index) const {
    return "drop index " + index;
}

std::string SchemaWords::spread_first_seen(const std::string& table, const ColumnNames& key) const {
    return "update " + table + "\nset first_seen = same.least_seen\nfrom " + repeated_keys(table, key) +
           "\nwhere " + equal_in(key, table, "same") + " and " + table + ".first_seen > same.least_seen";
}

std::string listed(const ColumnNames& columns, const std::string& before) {
    std::string list;
    for (const std::string& column : columns) list += (list.empty() ? "" : ", ") + before + column;
    return list;
}

std::string equal_in(const ColumnNames& columns, const std::string& a, const std::string& b) {
    std::string condition;
    for (const std::string& column : columns)
        condition += (condition.empty() ? "" : " and ") + a + "." + column + " = " + b + "." + column;
    return condition;
}

std::string unique_index(const std::string& table, const ColumnNames& key) {
    return "create unique index " + table + "_key on " + table + " (" + listed(key) + ")";
}

std::string ranked_rows(const std::string& table, const ColumnNames& id, const ColumnNames& key,
                        const std::string& order) {
    return "(\n    select " + listed(id) + ", row_number() over (\n        partition by " + listed(key) +
           "\n        order by " + order + ") as place\n    from " + table + ") as ranked";
}

std::string repeated_keys(const std::string& table, const ColumnNames& key) {
    return "(\n    select " + listed(key) + ", min(first_seen) as least_seen\n    from " + table +
           "\n    group by " + listed(key) + "\n    having count(*) > 1) as same";
}

}  // namespace sqlgrey::store
