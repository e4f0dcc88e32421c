// The SQL of one database: its words, and how it takes lists of rows. What a session needs beyond SQL is in
// driver.hpp.
#pragma once

#include "row_list.hpp"
#include "sql_words.hpp"
#include "sqlgrey/store/target.hpp"

namespace sqlgrey::store {

struct Dialect {
    Database database;
    const SqlWords& words;
    const RowList& rows;
};

const Dialect& dialect_of(Database database);
const Dialect& sqlite_dialect();
const Dialect& postgresql_dialect();
const Dialect& mysql_dialect();

}  // namespace sqlgrey::store
