// connect: triplets that were deferred, with the time of their first attempt.
#include "import_rows.hpp"
#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/greylist/identities.hpp"
#include "table_sql.hpp"

#include <tuple>

namespace sqlgrey::store {
namespace {

using greylist::PutConnect;

// The order in which bind_connect_row() binds them.
const Columns columns{
    {"sender_name"}, {"sender_domain"}, {"src"}, {"rcpt"}, {"first_seen", Column::Is::time}};
constexpr const char* key_columns = "src, sender_domain, sender_name, rcpt";

Sql insert(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "insert into connect";
    dialect.rows.values(sql, columns, rows);
    sql << dialect.words.on_conflict(key_columns);
    return sql;
}

// Parameters of each row: its columns; then counts_since. If another worker has inserted the row meanwhile,
// the earliest first_seen that counts stays. One in the future was left by a clock that was ahead.
Sql put_connect(const Dialect& dialect, const StatementKey& key) {
    const SqlWords& words = dialect.words;
    Sql sql = insert(dialect, key.rows);
    const std::string counts_since = words.timestamp(sql.parameter(Kind::number));
    sql << "\n    first_seen = case when connect.first_seen < " << counts_since
        << "\n            or connect.first_seen > " << words.excluded("first_seen") << "\n        then "
        << words.excluded("first_seen") << " else connect.first_seen end";
    return sql;
}

void write_puts(Session& session, std::span<const greylist::Change> changes) {
    const auto puts = each_once<PutConnect>(changes, [](const PutConnect& put) {
        const greylist::Triplet& t = put.triplet;
        return std::tie(t.src, t.sender_domain, t.sender_name, t.rcpt);
    });
    run_over(
        session, StatementId::put_connect, puts,
        [](Prepared& row, const PutConnect& put) { bind_connect_row(row, put.triplet, put.now); },
        [&](Prepared& statement) { statement.bind(base::epoch(puts.front().counts_since)); });
}

void add_first_seen(LookUpQuery& query) {
    query.column(query.words().seconds("c.first_seen"));
    query.join("connect", "c",
               {{"src", query.src_behind_awl()},
                {"sender_domain", "k.sender_domain"},
                {"sender_name", "k.sender_name"},
                {"rcpt", "k.rcpt"}});
}

void read_first_seen(LookUpRow& row, greylist::Known& known) {
    known.connect = row.time();
}

// Rows that greylist::row_of_retry() makes: a range of the key, with at most retry_count rows.
std::string of_retries(LookUpQuery& query, const std::string& what) {
    return "(select " + what + "\n        from connect r\n        where r.src = '" +
           std::string{greylist::src_of_letters} + "' and r.sender_domain = k.sender_domain" +
           "\n            and r.sender_name = " + query.behind_awl("k.retries") + ")";
}

void add_retries(LookUpQuery& query) {
    query.key("retries");
    query.column(of_retries(query, "count(*)"));
    query.column(of_retries(query, query.words().seconds("max(r.first_seen)")));
}

void read_retries(LookUpRow& row, greylist::Known& known) {
    known.retries.count = row.number().value_or(0);
    known.retries.last = row.time();
}

void bind_retries(Prepared& row, const greylist::Triplet& triplet) {
    row.bind(greylist::row_of_retry(triplet, {}).sender_name);
}

// Parameter: the time before which rows expire. Columns: src, sender_name, sender_domain, rcpt, first_seen as
// SqlWords::shown().
Sql never_retried(const Dialect& dialect, const StatementKey&) {
    Sql sql;
    sql << "select src, sender_name, sender_domain, rcpt, " << dialect.words.shown("first_seen")
        << "\nfrom connect\nwhere first_seen < " << dialect.words.timestamp(sql.parameter(Kind::number))
        << "\norder by first_seen";
    sql.columns.assign(5, Kind::text);
    return sql;
}

// Parameters: the earliest and the latest first_seen, limit. Columns: src, sender_domain, sender_name, rcpt,
// first_seen.
Sql waiting_between(const Dialect& dialect, const StatementKey&) {
    const SqlWords& words = dialect.words;
    Sql sql;
    sql << "select src, sender_domain, sender_name, rcpt, " << words.seconds("first_seen")
        << "\nfrom connect\nwhere first_seen >= " << words.timestamp(sql.parameter(Kind::number))
        << " and first_seen <= " << words.timestamp(sql.parameter(Kind::number))
        << "\norder by first_seen\nlimit ";
    sql << sql.parameter(Kind::number);
    sql.columns.assign(4, Kind::text);
    sql.columns.push_back(Kind::number);
    return sql;
}

// Parameters of a row: src, sender_domain, sender_name, rcpt. Columns: the row's number, first_seen.
Sql import_look_up(const Dialect& dialect, const StatementKey& key) {
    Sql sql = with_keys(dialect, {{"src"}, {"sender_domain"}, {"sender_name"}, {"rcpt"}}, key.rows);
    sql << ", " << dialect.words.seconds("c.first_seen") << "\nfrom k\n"
        << dialect.rows.left_join_keys("connect", "c",
                                       "c.src = k.src and c.sender_domain = k.sender_domain"
                                       " and c.sender_name = k.sender_name and c.rcpt = k.rcpt");
    sql.columns.assign(2, Kind::number);
    return sql;
}

// Parameters of each row: its columns; then the time since when rows count. Two imports of the same row leave
// the earlier first_seen that counts.
Sql import_put(const Dialect& dialect, const StatementKey& key) {
    const SqlWords& words = dialect.words;
    Sql sql = insert(dialect, key.rows);
    const std::string counts_since = words.timestamp(sql.parameter(Kind::number));
    sql << "\n    first_seen = case when connect.first_seen >= " << counts_since
        << "\n            and connect.first_seen < " << words.excluded("first_seen")
        << "\n        then connect.first_seen else " << words.excluded("first_seen") << " end";
    return sql;
}

}  // namespace

void bind_connect_row(Prepared& row, const greylist::Triplet& t, base::Time first_seen) {
    row.bind(t.sender_name).bind(t.sender_domain).bind(t.src).bind(t.rcpt).bind(base::epoch(first_seen));
}

const Table& connect_table() {
    static const Table table{
        .statements =
            {{StatementId::put_connect, "put_connect", Use::decision, true, put_connect},
             {StatementId::forget_connect_of_sender, "forget_connect_of_sender", Use::decision, true,
              // Parameters of each row: src, sender_domain, pattern of sender_name.
              [](const Dialect& dialect, const StatementKey& key) {
                  return forget_connect(
                      dialect, {{"src"}, {"sender_domain"}, {"sender_name", Column::Is::pattern}}, key.rows);
              }},
             {StatementId::forget_connect_of_domain, "forget_connect_of_domain", Use::decision, true,
              // Parameters of each row: src, sender_domain.
              [](const Dialect& dialect, const StatementKey& key) {
                  return forget_connect(dialect, {{"src"}, {"sender_domain"}}, key.rows);
              }},
             {StatementId::slice_end_connect, "slice_end_connect", Use::cleaning, false,
              [](const Dialect& dialect, const StatementKey&) {
                  return slice_end(dialect, "connect", "first_seen");
              }},
             {StatementId::never_retried, "never_retried", Use::cleaning, false, never_retried},
             {StatementId::expire_connect, "expire_connect", Use::cleaning, false,
              [](const Dialect& dialect, const StatementKey&) {
                  return expire(dialect, "connect", "first_seen");
              }},
             {StatementId::waiting_between, "waiting_between", Use::import, false, waiting_between},
             {StatementId::import_look_up_triplets, "import_look_up_triplets", Use::import, true,
              import_look_up},
             {StatementId::import_put_triplets, "import_put_triplets", Use::import, true, import_put}},
        .parts = {{"connect", nullptr, add_first_seen, read_first_seen, nullptr, {}, true},
                  {"retries", [](const greylist::Policy& policy) { return policy.retry_count > 1; },
                   add_retries, read_retries, bind_retries}},
        .changes = {{ChangeOrder::put_connect, index_of<PutConnect>(), true, write_puts}}};
    return table;
}

}  // namespace sqlgrey::store
