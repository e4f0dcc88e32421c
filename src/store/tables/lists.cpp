// lists: entries of the administrator for all hosts that share the database.
#include "table_sql.hpp"

namespace sqlgrey::store {
namespace {

// Parameter: now. Columns: id, list, entry of the rows that have not expired, in the order of their ids.
Sql list_rows(const Dialect& dialect, const StatementKey&) {
    Sql sql;
    sql << "select id, list, entry\nfrom lists\nwhere expires_at is null or expires_at > "
        << dialect.words.timestamp(sql.parameter(Kind::number)) << "\norder by id";
    sql.columns = {Kind::number, Kind::text, Kind::text};
    return sql;
}

// Parameters: how many hits to add, last_hit, id. Adds, so that no worker's hits are lost.
Sql count_hits(const Dialect& dialect, const StatementKey&) {
    Sql sql;
    sql << "update lists set hits = hits + " << sql.parameter(Kind::number) << ", last_hit = ";
    sql << dialect.words.timestamp(sql.parameter(Kind::number)) << "\nwhere id = ";
    sql << sql.parameter(Kind::number);
    return sql;
}

}  // namespace

const Table& lists_table() {
    static const Table table{
        .statements = {{StatementId::list_rows, "list_rows", Use::lists, false, list_rows},
                       {StatementId::count_hits, "count_hits", Use::lists, false, count_hits},
                       {StatementId::slice_end_lists, "slice_end_lists", Use::administration, false,
                        [](const Dialect& dialect, const StatementKey&) {
                            return slice_end(dialect, "lists", "expires_at");
                        }},
                       {StatementId::expire_lists, "expire_lists", Use::administration, false,
                        [](const Dialect& dialect, const StatementKey&) {
                            return expire(dialect, "lists", "expires_at");
                        }}},
        .parts = {},
        .changes = {}};
    return table;
}

}  // namespace sqlgrey::store
