// pool: networks in which a server of an organisation was seen under its verified name, for when its name
// cannot be verified; and the lookup of strangers under their other identities.
#include "pool_rows.hpp"
#include "sqlgrey/greylist/identities.hpp"
#include "table_sql.hpp"

#include <cstdint>
#include <tuple>

namespace sqlgrey::store {
namespace {

using greylist::RememberPool;

// Parameters of each row: member, pool, evidence, first_seen, last_seen; then twice the time before which a
// row no longer counts and begins anew. Two organisations in one network leave an empty pool. last_seen comes
// last, because MySQL works from left to right, and the other columns would see its new value.
Sql remember_pool(const Dialect& dialect, const StatementKey& key) {
    const SqlWords& words = dialect.words;
    Sql sql;
    sql << "insert into pool";
    dialect.rows.values(sql,
                        {{"member"},
                         {"pool"},
                         {"evidence"},
                         {"first_seen", Column::Is::time},
                         {"last_seen", Column::Is::time}},
                        key.rows);
    sql << words.on_conflict("member");
    const auto counts_since = [&] { return words.timestamp(sql.parameter(Kind::number)); };
    std::string since = counts_since();
    sql << "\n    pool = case when pool.last_seen < " << since << " or pool.pool = " << words.excluded("pool")
        << "\n        then " << words.excluded("pool") << " else '' end,";
    since = counts_since();
    sql << "\n    first_seen = case when pool.last_seen < " << since << " then "
        << words.excluded("first_seen") << "\n        else pool.first_seen end,"
        << "\n    evidence = " << words.excluded("evidence")
        << ", last_seen = " << words.excluded("last_seen");
    return sql;
}

void write_memories(Session& session, std::span<const greylist::Change> changes) {
    auto memories = each_once<RememberPool>(
        changes, [](const RememberPool& one) { return std::tie(one.network, one.src); });
    const auto bind_row = [](Prepared& row, const RememberPool& one) {
        row.bind(one.network).bind(one.src).bind(one.evidence);
        row.bind(base::epoch(one.now)).bind(base::epoch(one.now));
    };
    // A statement must not write a row twice, but a batch may see two organisations in one network.
    while (!memories.empty()) {
        std::vector<RememberPool> rows, next;
        for (const RememberPool& one : memories)
            (rows.empty() || rows.back().network != one.network ? rows : next).push_back(one);
        run_over(session, StatementId::remember_pool, rows, bind_row, [&](Prepared& statement) {
            const std::int64_t since = base::epoch(rows.front().now - greylist::pool_memory);
            statement.bind(since).bind(since);
        });
        memories = std::move(next);
    }
}

// Parameters of a row: those of a lookup, then member. Columns: the row's number, the network's pool and
// last_seen, and those of the parts.
Sql look_up_elsewhere(const Dialect& dialect, const StatementKey& key) {
    LookUpQuery query(dialect, LookUpQuery::Scope::elsewhere);
    query.key("member");
    query.column("p.pool", Kind::text);
    query.column(query.words().seconds("p.last_seen"));
    query.join("pool", "p", {{"member", "k.member"}});
    add_parts(query, key.parts & parts_elsewhere());
    return query.sql(key.rows);
}

// Parameters of a row: sender_domain, sender_name. Columns: the row's number, the network, first_seen. Reads
// a range of the key, a few rows more than pool_unproven_retries.
Sql look_up_letters(const Dialect& dialect, const StatementKey& key) {
    Sql sql = with_keys(dialect, {{"sender_domain"}, {"sender_name"}}, key.rows);
    sql << ", c.rcpt, " << dialect.words.seconds("c.first_seen") << "\nfrom k\n"
        << dialect.rows.left_join_keys(
               "connect", "c",
               "c.src = '" + std::string{greylist::src_of_letters} +
                   "' and c.sender_domain = k.sender_domain and c.sender_name = k.sender_name");
    sql.columns = {Kind::number, Kind::text, Kind::number};
    return sql;
}

// Column: the number of rows, at most 1.
Sql any_pool(const Dialect&, const StatementKey&) {
    return {"select count(*) from (select 1 as n from pool limit 1) p", {}, {Kind::number}};
}

void read_letters(Session& session, std::span<const greylist::Elsewhere> asked,
                  std::vector<greylist::FoundElsewhere>& found) {
    std::vector<std::size_t> of_letters;
    for (std::size_t i = 0; i < asked.size(); ++i)
        if (!asked[i].letter.empty()) of_letters.push_back(i);
    session.over_list(
        {StatementId::look_up_letters}, of_letters.size(), [&](Prepared& statement, const auto& keys) {
            for (const std::size_t i : keys) {
                const greylist::Elsewhere& one = asked[of_letters[i]];
                statement.row().bind(one.triplet.sender_domain).bind(one.letter);
            }
            statement.query([&](const Prepared& row) {
                const std::size_t key = keys[static_cast<std::size_t>(row.number(0).value_or(0))];
                if (const auto first_seen = row.time(2))
                    found[of_letters[key]].of_letter.push_back({row.text(1), *first_seen});
            });
        });
}

}  // namespace

std::vector<greylist::FoundElsewhere> read_elsewhere(Session& session,
                                                     std::span<const greylist::Elsewhere> asked,
                                                     PartSet parts) {
    parts &= parts_elsewhere();
    std::vector<greylist::FoundElsewhere> found(asked.size());
    session.over_list({StatementId::look_up_elsewhere, parts}, asked.size(),
                      [&](Prepared& statement, const auto& keys) {
                          for (const std::size_t i : keys) {
                              bind_triplet(statement.row(), asked[i].triplet);
                              statement.bind(asked[i].network);
                              bind_parts(statement, asked[i].triplet, parts);
                          }
                          statement.query([&](const Prepared& row) {
                              LookUpRow columns(row);
                              greylist::FoundElsewhere& one = found[keys[columns.key()]];
                              one.pool = columns.text();
                              one.remembered = columns.time();
                              if (!one.remembered) one.pool.clear();
                              one.known = read_parts(columns, parts);
                          });
                      });
    read_letters(session, asked, found);
    return found;
}

const Table& pool_table() {
    static const Table table{
        .statements = {{StatementId::remember_pool, "remember_pool", Use::decision, true, remember_pool},
                       {StatementId::look_up_elsewhere, "look_up_elsewhere", Use::decision, true,
                        look_up_elsewhere},
                       {StatementId::look_up_letters, "look_up_letters", Use::decision, true,
                        look_up_letters},
                       {StatementId::any_pool, "any_pool", Use::decision, false, any_pool},
                       {StatementId::slice_end_pool, "slice_end_pool", Use::cleaning, false,
                        [](const Dialect& dialect, const StatementKey&) {
                            return slice_end(dialect, "pool", "last_seen");
                        }},
                       {StatementId::expire_pool, "expire_pool", Use::cleaning, false,
                        [](const Dialect& dialect, const StatementKey&) {
                            return expire(dialect, "pool", "last_seen");
                        }}},
        .parts = {},
        .changes = {{ChangeOrder::remember_pool, index_of<RememberPool>(), false, write_memories}}};
    return table;
}

}  // namespace sqlgrey::store
