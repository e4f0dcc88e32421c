// config: named values that all daemons on the database share.
#include "tables.hpp"

namespace sqlgrey::store {
namespace {

// "<column> = :pN"
std::string equals(Sql& sql, const std::string& column) {
    return column + " = " + sql.parameter(Kind::text);
}

// Parameter: name. Column: value.
Sql read_config(const Dialect&, const StatementKey&) {
    Sql sql;
    sql << "select value from config where " << equals(sql, "parameter");
    sql.columns = {Kind::text};
    return sql;
}

// Parameters: new value, name, old value. Of several daemons at once only the first changes a row.
Sql swap_config(const Dialect&, const StatementKey&) {
    Sql sql;
    sql << "update config set " << equals(sql, "value") << "\nwhere " << equals(sql, "parameter") << " and "
        << equals(sql, "value");
    return sql;
}

// Parameters: name, value.
Sql insert(const Dialect& dialect, const std::string& value_if_there) {
    Sql sql;
    sql << "insert into config (parameter, value)\nvalues (" << sql.parameter(Kind::text) << ", ";
    sql << sql.parameter(Kind::text) << ")\n"
        << dialect.words.on_conflict("parameter") << "value = " << value_if_there;
    return sql;
}

}  // namespace

const Table& config_table() {
    static const Table table{
        .statements = {{StatementId::read_config, "read_config", Use::session, false, read_config},
                       {StatementId::swap_config, "swap_config", Use::cleaning, false, swap_config},
                       // Changes nothing if the name is there.
                       {StatementId::add_config, "add_config", Use::session, false,
                        [](const Dialect& dialect, const StatementKey&) {
                            return insert(dialect, "config.value");
                        }},
                       // Inserts or overwrites.
                       {StatementId::put_config, "put_config", Use::session, false,
                        [](const Dialect& dialect, const StatementKey&) {
                            return insert(dialect, dialect.words.excluded("value"));
                        }}},
        .parts = {},
        .changes = {}};
    return table;
}

}  // namespace sqlgrey::store
