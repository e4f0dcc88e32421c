#include "look_up.hpp"

#include "awl.hpp"
#include "tables/tables.hpp"

namespace sqlgrey::store {
namespace {

template <typename Do>
void for_each_part(PartSet parts, const Do& action) {
    const std::vector<LookUpPart>& all = look_up_parts();
    for (std::size_t i = 0; i < all.size(); ++i)
        if (parts & (PartSet{1} << i)) action(all[i]);
}

}  // namespace

void LookUpQuery::join(const std::string& table, const std::string& as, const Equalities& key) {
    std::string condition;
    for (const auto& [column, value] : key)
        condition += (condition.empty() ? "" : "\n        and ") + as + "." + column + " = " + value;
    joins_ += "\n" + dialect_.rows.left_join_keys(table, as, condition);
}

void LookUpQuery::column(const std::string& expression, Kind kind) {
    columns_.push_back(expression);
    kinds_.push_back(kind);
}

std::string LookUpQuery::src() const {
    return scope_ == Scope::elsewhere ? "case when k.src <> '' then k.src else p.pool end" : "k.src";
}

std::string LookUpQuery::src_behind_domain_awl() const {
    return scope_ == Scope::until_awl ? "case when d.src is null then k.src end" : src();
}

std::string LookUpQuery::src_behind_awl() const {
    return scope_ == Scope::elsewhere ? src() : behind_awl("k.src");
}

std::string LookUpQuery::behind_awl(const std::string& key) const {
    return scope_ == Scope::until_awl ? "case when d.src is null and f.src is null then " + key + " end"
                                      : key;
}

Sql LookUpQuery::sql(std::size_t rows) const {
    Sql sql;
    sql << "with k as (\n    ";
    dialect_.rows.rows(sql, keys_, rows);
    sql << ")\nselect k.n";
    for (const std::string& column : columns_) sql << ",\n    " << column;
    sql << "\nfrom k" << joins_;
    sql.columns = {Kind::number};
    sql.columns.insert(sql.columns.end(), kinds_.begin(), kinds_.end());
    return sql;
}

std::optional<greylist::Seen> LookUpRow::seen() {
    next_ += 2;
    return store::seen(row_, next_ - 2);
}

const std::vector<LookUpPart>& look_up_parts() {
    static const std::vector<LookUpPart> parts = [] {
        std::vector<LookUpPart> found;
        for (const Table* table : tables())
            found.insert(found.end(), table->parts.begin(), table->parts.end());
        return found;
    }();
    return parts;
}

PartSet all_parts() {
    return (PartSet{1} << look_up_parts().size()) - 1;
}

PartSet parts_for(const greylist::Policy& policy) {
    const std::vector<LookUpPart>& all = look_up_parts();
    PartSet parts = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (!all[i].is_wanted || all[i].is_wanted(policy)) parts |= PartSet{1} << i;
    return parts;
}

PartSet parts_elsewhere() {
    const std::vector<LookUpPart>& all = look_up_parts();
    PartSet parts = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].is_asked_elsewhere) parts |= PartSet{1} << i;
    return parts;
}

Sql look_up_sql(const Dialect& dialect, const StatementKey& key) {
    using Scope = LookUpQuery::Scope;
    LookUpQuery query(dialect, (key.parts & behind_awl) != 0 ? Scope::all : Scope::until_awl);
    query.column(query.words().now().empty() ? "0" : query.words().now());
    add_parts(query, key.parts);
    return query.sql(key.rows);
}

void add_parts(LookUpQuery& query, PartSet parts) {
    for_each_part(parts, [&](const LookUpPart& part) { part.add(query); });
}

void bind_triplet(Prepared& row, const greylist::Triplet& t) {
    row.bind(t.src).bind(t.sender_domain).bind(t.sender_name).bind(t.deverped).bind(t.rcpt);
}

void bind_counted_src(Prepared& row, const greylist::Triplet& t) {
    row.bind(t.count_client ? std::string_view{t.src} : std::string_view{});
}

void bind_parts(Prepared& row, const greylist::Triplet& t, PartSet parts) {
    for_each_part(parts, [&](const LookUpPart& part) {
        if (part.bind) part.bind(row, t);
    });
}

greylist::Known read_parts(LookUpRow& columns, PartSet parts) {
    greylist::Known known;
    for_each_part(parts, [&](const LookUpPart& part) { part.read(columns, known); });
    return known;
}

greylist::Facts look_up(Session& session, const StoreClock& clock,
                        std::span<const greylist::Triplet> triplets, PartSet parts) {
    greylist::Facts facts{clock.here(), std::vector<greylist::Known>(triplets.size())};
    session.over_list({StatementId::look_up, parts}, triplets.size(),
                      [&](Prepared& statement, const auto& keys) {
                          for (const std::size_t i : keys) {
                              bind_triplet(statement.row(), triplets[i]);
                              bind_parts(statement, triplets[i], parts);
                          }
                          statement.query([&](const Prepared& row) {
                              LookUpRow columns(row);
                              const std::size_t key = keys[columns.key()];
                              const auto now = columns.time();
                              if (clock.is_databases() && now) facts.now = *now;
                              facts.known[key] = read_parts(columns, parts);
                          });
                      });
    return facts;
}

}  // namespace sqlgrey::store
