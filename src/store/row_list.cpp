#include "row_list.hpp"

namespace sqlgrey::store {

std::string timestamp_of(const SqlWords& words, const Column& column, const std::string& number) {
    return words.timestamp(column.is == Column::Is::optional_time ? "nullif(" + number + ", 0)" : number);
}

std::string RowList::left_join_keys(const std::string& table, const std::string& as,
                                    const std::string& condition) const {
    return "left join " + table + " " + as + "\n    on " + condition;
}

std::string WrittenOutRows::parameter(Sql& sql, const Column& column) const {
    if (column.is_text()) return sql.parameter(Kind::text);
    const std::string number = sql.parameter(Kind::number);
    return column.is_time() ? timestamp_of(words_, column, number) : number;
}

void WrittenOutRows::rows(Sql& sql, const Columns& columns, std::size_t rows) const {
    for (std::size_t row = 0; row < rows; ++row) {
        sql << (row ? "\n    union all select " : "select ") << std::to_string(row) << (row ? "" : " as n");
        for (const Column& column : columns) {
            sql << ", " << parameter(sql, column);
            if (row == 0) sql << " as " << column.name;
        }
    }
}

void WrittenOutRows::values(Sql& sql, const Columns& columns, std::size_t rows) const {
    for (const Column& column : columns) sql << (&column == &columns.front() ? " (" : ", ") << column.name;
    sql << ")\nvalues ";
    for (std::size_t row = 0; row < rows; ++row) {
        sql << (row ? ",\n       " : "");
        for (const Column& column : columns)
            sql << (&column == &columns.front() ? "(" : ", ") << parameter(sql, column);
        sql << ")";
    }
    sql << "\n";
}

void WrittenOutRows::where(Sql& sql, const std::string&, const Columns& columns, std::size_t rows) const {
    sql << "\nwhere ";
    for (std::size_t row = 0; row < rows; ++row) {
        sql << (row ? "\n   or " : "");
        for (const Column& column : columns) {
            const std::string value = parameter(sql, column);
            sql << (&column == &columns.front() ? "(" : " and ")
                << (column.is == Column::Is::pattern ? words_.matches(column.name, value)
                                                     : column.name + (" = " + value));
        }
        sql << ")";
    }
}

}  // namespace sqlgrey::store
