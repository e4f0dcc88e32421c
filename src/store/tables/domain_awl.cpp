// domain_awl: domains all of whose senders pass at a source.
#include "sqlgrey/greylist/decide.hpp"
#include "table_sql.hpp"

#include <tuple>

namespace sqlgrey::store {
namespace {

using greylist::PutDomainAwl;
using greylist::TouchDomainAwl;

const Columns key{{"src"}, {"sender_domain"}};

const auto key_of = [](const auto& change) { return std::tie(change.src, change.sender_domain); };
const auto bind_key = [](Prepared& row, const auto& change) {
    row.bind(change.src).bind(change.sender_domain);
};

// Parameters of each row: sender_domain, src, first_seen, last_seen. Two workers that do it leave the same
// row.
Sql put_domain_awl(const Dialect& dialect, const StatementKey& statement) {
    Sql sql;
    sql << "insert into domain_awl";
    dialect.rows.values(
        sql, {{"sender_domain"}, {"src"}, {"first_seen", Column::Is::time}, {"last_seen", Column::Is::time}},
        statement.rows);
    sql << dialect.words.on_conflict("src, sender_domain") << both_times_excluded(dialect.words);
    return sql;
}

void write_puts(Session& session, std::span<const greylist::Change> changes) {
    const auto puts = each_once<PutDomainAwl>(changes, key_of);
    run_over(session, StatementId::put_domain_awl, puts, [](Prepared& row, const PutDomainAwl& put) {
        row.bind(put.sender_domain).bind(put.src);
        row.bind(base::epoch(put.first_seen)).bind(base::epoch(put.now));
    });
    run_over(session, StatementId::forget_from_awl_of_domain, puts, bind_key);
    run_over(session, StatementId::forget_connect_of_domain, puts, bind_key);
}

void write_touches(Session& session, std::span<const greylist::Change> changes) {
    run_touch(session, StatementId::touch_domain_awl, each_once<TouchDomainAwl>(changes, key_of), bind_key);
}

void add_row(LookUpQuery& query) {
    query.column(query.words().seconds("d.first_seen"));
    query.column(query.words().seconds("d.last_seen"));
    query.join("domain_awl", "d", {{"src", query.src()}, {"sender_domain", "k.sender_domain"}});
}

void read_row(LookUpRow& row, greylist::Known& known) {
    known.domain_awl = row.seen();
}

}  // namespace

const Table& domain_awl_table() {
    static const Table table{
        .statements = {{StatementId::put_domain_awl, "put_domain_awl", Use::decision, true, put_domain_awl},
                       {StatementId::touch_domain_awl, "touch_domain_awl", Use::decision, true,
                        [](const Dialect& dialect, const StatementKey& statement) {
                            return touch(dialect, "domain_awl", key, statement.rows);
                        }},
                       {StatementId::slice_end_domain_awl, "slice_end_domain_awl", Use::cleaning, false,
                        [](const Dialect& dialect, const StatementKey&) {
                            return slice_end(dialect, "domain_awl", "last_seen");
                        }},
                       {StatementId::expire_domain_awl, "expire_domain_awl", Use::cleaning, false,
                        [](const Dialect& dialect, const StatementKey&) {
                            return expire(dialect, "domain_awl", "last_seen");
                        }}},
        .parts = {{"domain_awl", nullptr, add_row, read_row, nullptr, {}, true}},
        .changes = {{ChangeOrder::touch_domain_awl, index_of<TouchDomainAwl>(), true, write_touches},
                    {ChangeOrder::put_domain_awl, index_of<PutDomainAwl>(), false, write_puts}}};
    return table;
}

}  // namespace sqlgrey::store
