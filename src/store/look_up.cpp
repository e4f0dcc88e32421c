#include "look_up.hpp"

#include "awl.hpp"
#include "tables/tables.hpp"

namespace sqlgrey::store {
namespace {

constexpr std::size_t first_column_of_parts = 2;  // after the key's number and the clock

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

std::string LookUpQuery::src_behind_domain_awl() const {
    return behind_awl_ ? "k.src" : "case when d.src is null then k.src end";
}

std::string LookUpQuery::src_behind_awl() const {
    return behind_awl_ ? "k.src" : "case when d.src is null and f.src is null then k.src end";
}

std::string LookUpQuery::rcpt_behind_awl() const {
    return behind_awl_ ? "k.rcpt" : "case when d.src is null and f.src is null then k.rcpt end";
}

Sql LookUpQuery::sql(std::size_t rows) const {
    Sql sql;
    sql << "with k as (\n    ";
    dialect_.rows.rows(sql, keys_, rows);
    sql << ")\nselect k.n,\n    " << (words().now().empty() ? "0" : words().now());
    for (const std::string& column : columns_) sql << ",\n    " << column;
    sql << "\nfrom k" << joins_;
    sql.columns.assign(first_column_of_parts + columns_.size(), Kind::number);
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

Sql look_up_sql(const Dialect& dialect, const StatementKey& key) {
    LookUpQuery query(dialect, (key.parts & behind_awl) != 0);
    for_each_part(key.parts, [&](const LookUpPart& part) { part.add(query); });
    return query.sql(key.rows);
}

void bind_triplet(Prepared& row, const greylist::Triplet& t, PartSet parts) {
    row.bind(t.src).bind(t.sender_domain).bind(t.sender_name).bind(t.deverped).bind(t.rcpt);
    for_each_part(parts, [&](const LookUpPart& part) {
        if (part.bind) part.bind(row, t);
    });
}

LookUpResult read_look_up(const Prepared& row, PartSet parts) {
    LookUpResult result{
        static_cast<std::size_t>(row.number(0).value_or(0)), base::at(row.number(1).value_or(0)), {}};
    LookUpRow columns(row, first_column_of_parts);
    for_each_part(parts, [&](const LookUpPart& part) { part.read(columns, result.known); });
    return result;
}

greylist::Facts look_up(Session& session, const StoreClock& clock,
                        std::span<const greylist::Triplet> triplets, PartSet parts) {
    greylist::Facts facts{clock.here(), std::vector<greylist::Known>(triplets.size())};
    session.over_list({StatementId::look_up, parts}, triplets.size(),
                      [&](Prepared& statement, const auto& keys) {
                          for (const std::size_t i : keys) bind_triplet(statement.row(), triplets[i], parts);
                          statement.query([&](const Prepared& row) {
                              const LookUpResult found = read_look_up(row, parts);
                              facts.known[keys[found.key]] = found.known;
                              if (clock.is_databases()) facts.now = found.now;
                          });
                      });
    return facts;
}

}  // namespace sqlgrey::store
