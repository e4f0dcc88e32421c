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

}  // namespace sqlgrey::store
