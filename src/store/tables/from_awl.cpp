// from_awl: senders that pass at a source.
#include "import_rows.hpp"
#include "sqlgrey/greylist/decide.hpp"
#include "table_sql.hpp"

#include <tuple>

namespace sqlgrey::store {
namespace {

using greylist::PutFromAwl;
using greylist::TouchFromAwl;

// The order in which bind_from_awl_row() binds them.
const Columns columns{{"sender_name"},
                      {"sender_domain"},
                      {"src"},
                      {"first_seen", Column::Is::time},
                      {"last_seen", Column::Is::time}};
const Columns key{{"src"}, {"sender_domain"}, {"sender_name"}};
constexpr const char* key_columns = "src, sender_domain, sender_name";

const auto key_of = [](const auto& change) {
    return std::tie(change.src, change.sender_domain, change.deverped);
};

Sql insert(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "insert into from_awl";
    dialect.rows.values(sql, columns, rows);
    sql << dialect.words.on_conflict(key_columns);
    return sql;
}

// Parameters of each row: its columns. Two workers that do it leave the same row.
Sql put_from_awl(const Dialect& dialect, const StatementKey& statement) {
    Sql sql = insert(dialect, statement.rows);
    sql << both_times_excluded(dialect.words);
    return sql;
}

void write_puts(Session& session, std::span<const greylist::Change> changes) {
    const auto puts = each_once<PutFromAwl>(changes, key_of);
    run_over(session, StatementId::put_from_awl, puts, [](Prepared& row, const PutFromAwl& put) {
        bind_from_awl_row(row, put.src, put.sender_domain, put.deverped, {put.first_seen, put.now});
    });
    const SqlWords& words = session.dialect().words;
    run_over(session, StatementId::forget_connect_of_sender, puts, [&](Prepared& row, const PutFromAwl& put) {
        row.bind(put.src).bind(put.sender_domain).bind(words.pattern(put.deverped, put.own_hashes));
    });
}

void write_touches(Session& session, std::span<const greylist::Change> changes) {
    run_touch(session, StatementId::touch_from_awl, each_once<TouchFromAwl>(changes, key_of),
              [](Prepared& row, const TouchFromAwl& touch) {
                  row.bind(touch.src).bind(touch.sender_domain).bind(touch.deverped);
              });
}

void add_row(LookUpQuery& query) {
    query.column(query.words().seconds("f.first_seen"));
    query.column(query.words().seconds("f.last_seen"));
    query.join("from_awl", "f",
               {{"src", query.src_behind_domain_awl()},
                {"sender_domain", "k.sender_domain"},
                {"sender_name", "k.deverped"}});
}

void read_row(LookUpRow& row, greylist::Known& known) {
    known.from_awl = row.seen();
}

// How many senders of the domain have a row at the source, and since when. Asked for every triplet that no
// auto-whitelist lets pass, because the row that waits may be one of another identity. A domain with
// group_domain_level such rows is promoted, so they are few. Both numbers are one, because a second subselect
// costs a new triplet 2 to 10 % more; null if there is no row.
constexpr std::int64_t after_any_time = 10'000'000'000;  // seconds since 1970: the year 2286

void add_senders(LookUpQuery& query) {
    query.column(query.behind_awl("(select count(*) * " + std::to_string(after_any_time) + " + min(" +
                                  query.words().seconds("s.first_seen") +
                                  ")\n        from from_awl s\n        where s.src = " + query.src() +
                                  " and s.sender_domain = k.sender_domain)"));
}

void read_senders(LookUpRow& row, greylist::Known& known) {
    const std::optional<std::int64_t> both = row.number();
    if (!both) return;
    known.senders_known = *both / after_any_time;
    known.oldest_sender = base::at(*both % after_any_time);
}

// Parameters of a row: src, sender_domain, deverped. Columns: the row's number, last_seen of domain_awl,
// first_seen and last_seen of from_awl.
Sql import_look_up(const Dialect& dialect, const StatementKey& statement) {
    const SqlWords& words = dialect.words;
    Sql sql = with_keys(dialect, key, statement.rows);
    sql << ", " << words.seconds("d.last_seen") << ",\n    " << words.seconds("f.first_seen") << ", "
        << words.seconds("f.last_seen") << "\nfrom k\n"
        << dialect.rows.left_join_keys("domain_awl", "d",
                                       "d.src = k.src and d.sender_domain = k.sender_domain")
        << "\n"
        << dialect.rows.left_join_keys("from_awl", "f",
                                       "f.src = k.src and f.sender_domain = k.sender_domain"
                                       " and f.sender_name = k.sender_name");
    sql.columns.assign(4, Kind::number);
    return sql;
}

// Parameters of each row: its columns. Two imports of the same row leave the earlier first_seen and the later
// last_seen.
Sql import_put(const Dialect& dialect, const StatementKey& statement) {
    Sql sql = insert(dialect, statement.rows);
    sql << "\n    " << pick(dialect.words, "from_awl", "first_seen", '<') << ",\n    "
        << pick(dialect.words, "from_awl", "last_seen", '>');
    return sql;
}

}  // namespace

void bind_from_awl_row(Prepared& row, std::string_view src, std::string_view sender_domain,
                       std::string_view deverped, const greylist::Seen& seen) {
    row.bind(deverped).bind(sender_domain).bind(src);
    row.bind(base::epoch(seen.first)).bind(base::epoch(seen.last));
}

const Table& from_awl_table() {
    static const Table table{
        .statements = {{StatementId::put_from_awl, "put_from_awl", Use::decision, true, put_from_awl},
                       {StatementId::touch_from_awl, "touch_from_awl", Use::decision, true,
                        [](const Dialect& dialect, const StatementKey& statement) {
                            return touch(dialect, "from_awl", key, statement.rows);
                        }},
                       {StatementId::forget_from_awl_of_domain, "forget_from_awl_of_domain", Use::decision,
                        true,
                        // Parameters of each row: src, sender_domain.
                        [](const Dialect& dialect, const StatementKey& statement) {
                            Sql sql;
                            sql << "delete from from_awl";
                            dialect.rows.where(sql, "from_awl", {{"src"}, {"sender_domain"}}, statement.rows);
                            return sql;
                        }},
                       {StatementId::slice_end_from_awl, "slice_end_from_awl", Use::cleaning, false,
                        [](const Dialect& dialect, const StatementKey&) {
                            return slice_end(dialect, "from_awl", "last_seen");
                        }},
                       {StatementId::expire_from_awl, "expire_from_awl", Use::cleaning, false,
                        [](const Dialect& dialect, const StatementKey&) {
                            return expire(dialect, "from_awl", "last_seen");
                        }},
                       {StatementId::import_look_up_senders, "import_look_up_senders", Use::import, true,
                        import_look_up},
                       {StatementId::import_put_senders, "import_put_senders", Use::import, true,
                        import_put}},
        .parts = {{"from_awl", nullptr, add_row, read_row, nullptr, {}, true},
                  {"senders_of_domain",
                   [](const greylist::Policy& policy) { return policy.group_domain_level > 0; },
                   add_senders,
                   read_senders,
                   nullptr,
                   {},
                   true}},
        .changes = {{ChangeOrder::touch_from_awl, index_of<TouchFromAwl>(), true, write_touches},
                    {ChangeOrder::put_from_awl, index_of<PutFromAwl>(), false, write_puts}}};
    return table;
}

}  // namespace sqlgrey::store
