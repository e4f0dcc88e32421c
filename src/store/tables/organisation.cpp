// organisation: how many first attempts of an organisation's clients came back, and whether they are a crowd.
// The cleaning writes it; the workers read the crowds every ten seconds.
#include "pool_rows.hpp"
#include "table_sql.hpp"

namespace sqlgrey::store {
namespace {

using greylist::CountedPool;

// Columns: src, never_came_back, came_back, halved_at, crowd.
Sql counted_pools(const Dialect& dialect, const StatementKey&) {
    Sql sql;
    sql << "select src, never_came_back, came_back, " << dialect.words.seconds("halved_at")
        << ", crowd\nfrom organisation\norder by src";
    sql.columns = {Kind::text, Kind::number, Kind::number, Kind::number, Kind::number};
    return sql;
}

// Column: src. The limit keeps the memory of workers bounded, whatever is in the table.
Sql crowds(const Dialect&, const StatementKey&) {
    return {"select src\nfrom organisation\nwhere crowd = 1\nlimit 10000", {}, {Kind::text}};
}

// Parameter, twice: src. Column: the number of rows of from_awl and domain_awl that it has.
Sql rows_of_pool(const Dialect&, const StatementKey&) {
    Sql sql;
    sql << "select (select count(*) from from_awl f where f.src = " << sql.parameter(Kind::text);
    sql << ")\n    + (select count(*) from domain_awl d where d.src = " << sql.parameter(Kind::text) << ")";
    sql.columns = {Kind::number};
    return sql;
}

// Parameters of each row: its columns. Of two daemons that write the same row, the later one's stays.
Sql put_organisation(const Dialect& dialect, const StatementKey& key) {
    const SqlWords& words = dialect.words;
    Sql sql;
    sql << "insert into organisation";
    dialect.rows.values(sql,
                        {{"src"},
                         {"never_came_back", Column::Is::number},
                         {"came_back", Column::Is::number},
                         {"halved_at", Column::Is::time},
                         {"crowd", Column::Is::number}},
                        key.rows);
    sql << words.on_conflict("src");
    for (const char* column : {"never_came_back", "came_back", "halved_at", "crowd"})
        sql << (std::string_view{column} == "never_came_back" ? "\n    " : ",\n    ") << column << " = "
            << words.excluded(column);
    return sql;
}

Sql forget_organisations(const Dialect&, const StatementKey&) {
    return {"delete from organisation\nwhere never_came_back = 0 and crowd = 0", {}, {}};
}

}  // namespace

greylist::Pools read_pools(Session& session) {
    greylist::Pools pools;
    session.prepared({StatementId::any_pool}).query([&](const Prepared& row) {
        pools.are_remembered = row.number(0).value_or(0) > 0;
    });
    session.prepared({StatementId::crowds}).query([&](const Prepared& row) {
        pools.crowds.insert(row.text(0));
    });
    return pools;
}

std::vector<CountedPool> read_counted_pools(Session& session) {
    std::vector<CountedPool> pools;
    session.prepared({StatementId::counted_pools}).query([&](const Prepared& row) {
        pools.push_back(
            {row.text(0),
             {row.number(1).value_or(0), row.number(2).value_or(0), row.time(3).value_or(base::at(0))},
             row.number(4).value_or(0) == 1});
    });
    return pools;
}

std::int64_t count_rows_of_pool(Session& session, const std::string& pool) {
    std::int64_t rows = 0;
    session.prepared({StatementId::rows_of_pool}).bind(pool).bind(pool).query([&](const Prepared& row) {
        rows = row.number(0).value_or(0);
    });
    return rows;
}

void write_counted_pools(Session& session, std::span<const CountedPool> pools) {
    run_over(session, StatementId::put_organisation, std::vector(pools.begin(), pools.end()),
             [](Prepared& row, const CountedPool& pool) {
                 row.bind(pool.src).bind(pool.count.never_came_back).bind(pool.count.came_back);
                 row.bind(base::epoch(pool.count.halved_at)).bind(pool.is_crowd ? 1 : 0);
             });
    session.prepared({StatementId::forget_organisations}).change();
}

const Table& organisation_table() {
    static const Table table{
        .statements = {{StatementId::crowds, "crowds", Use::decision, false, crowds},
                       {StatementId::counted_pools, "counted_pools", Use::cleaning, false, counted_pools},
                       {StatementId::rows_of_pool, "rows_of_pool", Use::cleaning, false, rows_of_pool},
                       {StatementId::put_organisation, "put_organisation", Use::cleaning, true,
                        put_organisation},
                       {StatementId::forget_organisations, "forget_organisations", Use::cleaning, false,
                        forget_organisations}},
        .parts = {},
        .changes = {}};
    return table;
}

}  // namespace sqlgrey::store
