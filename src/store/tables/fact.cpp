// fact: what is known of strangers, in rows of a subject and a source. expires_at is a number, because
// PostgreSQL's timestamps here are local time, and a local time in the future may come twice.
#include "fact_rows.hpp"
#include "sqlgrey/greylist/limits.hpp"
#include "table_sql.hpp"

#include <map>
#include <set>
#include <utility>

namespace sqlgrey::store {
namespace {

using greylist::ClientFacts;
using greylist::Fact;
using greylist::FactQuestion;
using greylist::FactSubject;

constexpr const char* key_columns = "client, domain, source";
constexpr const char* asked = "asked";  // a source, see greylist::Fact

const Columns columns{{"client"}, {"domain"}, {"source"}, {"value"}, {"expires_at", Column::Is::number}};
const Columns subject_columns{{"client"}, {"domain"}};

// What a fact is about.
enum About { the_client, both, the_domain };

// Parameters of a row: client, domain, address. Columns: the row's number, now, About, source, value,
// expires_at, and when the network expires that has the address and that the domain's SPF record covers.
//
// Each row is asked for once for each About, so that all are found by the whole beginning of the key: a large
// provider's client has facts with thousands of domains. Networks of a domain do not overlap, so only the
// last one that begins before the address may have it. SQLite and PostgreSQL find it by the key; MariaDB
// reads the domain's networks from the last one on, 50 us for 500.
Sql look_up_facts(const Dialect& dialect, const StatementKey& key) {
    const SqlWords& words = dialect.words;
    Sql sql = with_keys(dialect, {{"client"}, {"domain"}, {"address"}}, key.rows);
    sql << ", " << (words.now().empty() ? "0" : words.now())
        << ", pair.about, f.source, f.value, f.expires_at,\n    case when pair.about = 1 then (\n"
           "        select case when s.last_address >= k.address then s.expires_at else 0 end\n"
           "        from spf_network s\n"
           "        where s.domain = k.domain and s.first_address <= k.address\n"
           "        order by s.first_address desc limit 1) end\n"
           "from k\ncross join (select 0 as about union all select 1 union all select 2) pair\n"
        << dialect.rows.left_join_keys("fact", "f",
                                       "f.client = case when pair.about = 2 then '' else k.client end\n"
                                       "        and f.domain = case when pair.about = 0 then '' "
                                       "else nullif(k.domain, '') end");
    sql.columns = {Kind::number, Kind::number, Kind::number, Kind::text,
                   Kind::text,   Kind::number, Kind::number};
    return sql;
}

// Parameters of a row: client, domain. Columns: the row's number, value, expires_at.
Sql read_asked(const Dialect& dialect, const StatementKey& key) {
    Sql sql = with_keys(dialect, subject_columns, key.rows);
    sql << ", f.value, f.expires_at\nfrom k\n"
        << dialect.rows.left_join_keys(
               "fact", "f",
               std::string{"f.client = k.client and f.domain = k.domain and f.source = '"} + asked + "'");
    sql.columns = {Kind::number, Kind::text, Kind::number};
    return sql;
}

Sql insert(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "insert into fact";
    dialect.rows.values(sql, columns, rows);
    sql << dialect.words.on_conflict(key_columns);
    return sql;
}

// Parameters of each row: its columns; then twice now. `expires_at` comes last, because MySQL works from left
// to right, and `value` would see its new value.
Sql claim_fact(const Dialect& dialect, const StatementKey& key) {
    Sql sql = insert(dialect, key.rows);
    for (const char* column : {"value", "expires_at"}) {
        const std::string now = sql.parameter(Kind::number);
        sql << (std::string_view{column} == "value" ? "\n    " : ",\n    ") << column
            << " = case when fact.expires_at <= " << now << " then " << dialect.words.excluded(column)
            << " else fact." << column << " end";
    }
    return sql;
}

// Parameters of each row: its columns.
Sql put_fact(const Dialect& dialect, const StatementKey& key) {
    Sql sql = insert(dialect, key.rows);
    sql << "\n    value = " << dialect.words.excluded("value")
        << ", expires_at = " << dialect.words.excluded("expires_at");
    return sql;
}

// Parameters of a row: client, domain. Columns: the row's number, source, value, expires_at.
Sql read_all(const Dialect& dialect, const StatementKey& key) {
    Sql sql = with_keys(dialect, subject_columns, key.rows);
    sql << ", f.source, f.value, f.expires_at\nfrom k\n"
        << dialect.rows.left_join_keys("fact", "f", "f.client = k.client and f.domain = k.domain");
    sql.columns = {Kind::number, Kind::text, Kind::text, Kind::number};
    return sql;
}

// As they are stored, so that no text from outside is refused.
FactSubject stored(const FactSubject& subject) {
    return {greylist::storable(subject.client, greylist::max_src),
            greylist::storable(subject.domain, mail::max_domain)};
}

void bind_fact(Prepared& row, const Fact& fact) {
    row.bind(fact.subject.client).bind(fact.subject.domain).bind(fact.source).bind(fact.value);
    row.bind(base::epoch(fact.expires_at));
}

// Runs `read` for each row of the result, with the number of its subject. The places of a run that repeat the
// last subject are left out.
void for_each_found(Session& session, StatementId id, std::size_t rows,
                    const std::function<void(Prepared&, std::size_t)>& bind,
                    const std::function<void(std::size_t, const Prepared&)>& read) {
    session.over_list({id}, rows, [&](Prepared& statement, const auto& numbers) {
        for (const std::size_t i : numbers) bind(statement.row(), i);
        statement.query([&](const Prepared& row) {
            const auto place = static_cast<std::size_t>(row.number(0).value_or(0));
            if (place == 0 || numbers[place] != numbers[place - 1]) read(numbers[place], row);
        });
    });
}

}  // namespace

std::vector<ClientFacts> read_client_facts(Session& session, const StoreClock& clock,
                                           std::span<const FactQuestion> questions,
                                           const std::function<bool(std::string_view)>& is_doubted) {
    std::vector<std::vector<Fact>> rows(questions.size());
    std::vector<bool> covered(questions.size());
    for_each_found(
        session, StatementId::look_up_facts, questions.size(),
        [&](Prepared& row, std::size_t i) {
            const FactQuestion& one = questions[i];
            row.bind(one.subject.client).bind(one.subject.domain).bind(one.address);
        },
        [&](std::size_t i, const Prepared& row) {
            const base::Time now = clock.is_databases() ? row.time(1).value_or(clock.here()) : clock.here();
            const auto about = row.number(2);
            const FactSubject& subject = questions[i].subject;
            const auto expires_at = row.time(5), network_expires_at = row.time(6);
            if (expires_at && *expires_at > now && !(is_doubted && is_doubted(row.text(3))))
                rows[i].push_back({{about == the_domain ? std::string{} : subject.client,
                                    about == the_client ? std::string{} : subject.domain},
                                   row.text(3),
                                   row.text(4),
                                   *expires_at});
            if (network_expires_at && *network_expires_at > now) covered[i] = true;
        });
    std::vector<ClientFacts> found;
    for (std::size_t i = 0; i < questions.size(); ++i) {
        found.push_back(
            greylist::facts_of(rows[i], !questions[i].subject.domain.empty(), questions[i].with_networks));
        found.back().spf_covers = covered[i];
    }
    return found;
}

std::vector<bool> are_asked(Session& session, std::span<const FactSubject> subjects, base::Time now,
                            const std::string& value) {
    std::vector<bool> found(subjects.size());
    for_each_found(
        session, StatementId::read_asked, subjects.size(),
        [&](Prepared& row, std::size_t i) {
            const FactSubject subject = stored(subjects[i]);
            row.bind(subject.client).bind(subject.domain);
        },
        [&](std::size_t i, const Prepared& row) {
            const auto expires_at = row.time(2);
            found[i] = expires_at && *expires_at > now && (value.empty() || row.text(1) == value);
        });
    return found;
}

void ask_for(Session& session, std::span<const FactSubject> subjects, base::Time now, base::Time until,
             const std::string& value) {
    std::set<FactSubject> each_once;
    for (const FactSubject& subject : subjects) each_once.insert(stored(subject));
    std::vector<Fact> rows;
    for (const FactSubject& subject : each_once) rows.push_back({subject, asked, value, until});
    run_over(session, StatementId::claim_fact, rows, bind_fact,
             [&](Prepared& statement) { statement.bind(base::epoch(now)).bind(base::epoch(now)); });
}

std::vector<Fact> read_facts(Session& session, std::span<const FactSubject> subjects, base::Time now) {
    std::vector<Fact> facts;
    for_each_found(
        session, StatementId::read_facts, subjects.size(),
        [&](Prepared& row, std::size_t i) {
            const FactSubject subject = stored(subjects[i]);
            row.bind(subject.client).bind(subject.domain);
        },
        [&](std::size_t i, const Prepared& row) {
            const auto expires_at = row.time(3);
            if (expires_at && *expires_at > now)
                facts.push_back({subjects[i], row.text(1), row.text(2), *expires_at});
        });
    return facts;
}

// In the order of the key, which is the same for all sessions. Of facts with the same key the last counts.
void write_facts(Session& session, std::span<const Fact> facts) {
    std::map<std::pair<FactSubject, std::string>, Fact> each_once;
    for (const Fact& fact : facts) {
        Fact row{stored(fact.subject), greylist::storable(fact.source, greylist::max_fact_source),
                 greylist::storable(fact.value, greylist::max_fact_value), fact.expires_at};
        each_once.insert_or_assign({row.subject, row.source}, row);
    }
    std::vector<Fact> rows;
    for (const auto& [key, row] : each_once) rows.push_back(row);
    run_over(session, StatementId::put_fact, rows, bind_fact);
}

const Table& fact_table() {
    static const Table table{
        .statements = {{StatementId::look_up_facts, "look_up_facts", Use::facts, true, look_up_facts},
                       {StatementId::read_asked, "read_asked", Use::facts, true, read_asked},
                       {StatementId::claim_fact, "claim_fact", Use::facts, true, claim_fact},
                       {StatementId::read_facts, "read_facts", Use::facts, true, read_all},
                       {StatementId::put_fact, "put_fact", Use::facts, true, put_fact},
                       {StatementId::slice_end_fact, "slice_end_fact", Use::facts, false,
                        [](const Dialect&, const StatementKey&) { return slice_end_of_numbers("fact"); }},
                       {StatementId::expire_fact, "expire_fact", Use::facts, false,
                        [](const Dialect&, const StatementKey&) { return expire_by_number("fact"); }}},
        .parts = {},
        .changes = {}};
    return table;
}

}  // namespace sqlgrey::store
