// What most databases have in common: lists of rows, written out, and statements as SOCI prepares them.
#include "dialect.hpp"

namespace sqlgrey::store {
namespace {

std::string parameter(const Dialect& dialect, Sql& sql, const Column& column) {
    if (column.is_text()) return sql.parameter(Kind::text);
    const std::string number = sql.parameter(Kind::number);
    return column.is == Column::Is::time ? dialect.timestamp(number) : number;
}

// By SOCI's own means.
class SociStatement final : public Statement {
  public:
    SociStatement(soci::session& session, const std::string& text, Values& parameters, Values& columns)
        : statement_(session) {
        statement_.alloc();
        for (Value& column : columns) {
            if (column.kind == Kind::text)
                statement_.exchange(soci::into(column.text, column.indicator));
            else
                statement_.exchange(soci::into(column.number, column.indicator));
        }
        for (Value& parameter : parameters) {
            if (parameter.kind == Kind::number)
                statement_.exchange(soci::use(parameter.number));
            else
                statement_.exchange(soci::use(parameter.text));
        }
        statement_.prepare(text);
        statement_.define_and_bind();
    }

    long long change() override {
        statement_.execute(true);
        return statement_.get_affected_rows();
    }
    void query() override { statement_.execute(false); }
    bool next() override { return statement_.fetch(); }

  private:
    soci::statement statement_;
};

}  // namespace

std::unique_ptr<Statement> Dialect::prepare(soci::session& session, const std::string& text,
                                            Values& parameters, Values& columns) const {
    return std::make_unique<SociStatement>(session, text, parameters, columns);
}

void Dialect::rows(Sql& sql, const Columns& columns, std::size_t rows) const {
    for (std::size_t row = 0; row < rows; ++row) {
        sql << (row ? "\n    union all select " : "select ") << std::to_string(row) << (row ? "" : " as n");
        for (const Column& column : columns) {
            sql << ", " << parameter(*this, sql, column);
            if (row == 0) sql << " as " << column.name;
        }
    }
}

std::string Dialect::left_join_keys(const std::string& table, const std::string& as,
                                    const std::string& condition) const {
    return "left join " + table + " " + as + " on " + condition;
}

void Dialect::values(Sql& sql, const Columns& columns, std::size_t rows) const {
    for (const Column& column : columns) sql << (&column == &columns.front() ? " (" : ", ") << column.name;
    sql << ")\nvalues ";
    for (std::size_t row = 0; row < rows; ++row) {
        sql << (row ? ",\n       " : "");
        for (const Column& column : columns)
            sql << (&column == &columns.front() ? "(" : ", ") << parameter(*this, sql, column);
        sql << ")";
    }
    sql << "\n";
}

void Dialect::where(Sql& sql, const std::string&, const Columns& columns, std::size_t rows) const {
    sql << "\nwhere ";
    for (std::size_t row = 0; row < rows; ++row) {
        sql << (row ? "\n   or " : "");
        for (const Column& column : columns) {
            const std::string value = parameter(*this, sql, column);
            sql << (&column == &columns.front() ? "(" : " and ")
                << (column.is == Column::Is::pattern ? matches(column.name, value)
                                                     : column.name + (" = " + value));
        }
        sql << ")";
    }
}

const Dialect& dialect_of(Database database) {
    switch (database) {
        case Database::postgresql:
            return postgresql_dialect();
        case Database::mysql:
            return mysql_dialect();
        case Database::sqlite:
            break;
    }
    return sqlite_dialect();
}

}  // namespace sqlgrey::store
