// The registry, and the statements that belong to no table.
#include "statement.hpp"

#include "catalog.hpp"
#include "deadline.hpp"
#include "look_up.hpp"
#include "tables/tables.hpp"

#include <algorithm>
#include <stdexcept>

namespace sqlgrey::store {
namespace {

Sql text_of(std::string text) {
    return {std::move(text), {}, {}};
}

Sql read_clock(const Dialect& dialect, const StatementKey&) {
    const std::string now = dialect.words.now();
    return {"select " + (now.empty() ? "0" : now), {}, {Kind::number}};
}

const std::vector<StatementDefinition>& of_session() {
    static const std::vector<StatementDefinition> statements{
        {StatementId::begin, "begin", Use::session, false,
         [](const Dialect& dialect, const StatementKey&) { return text_of(dialect.words.begin()); }},
        // For a transaction that only reads and sees one moment.
        {StatementId::begin_snapshot, "begin_snapshot", Use::session, false,
         [](const Dialect&, const StatementKey&) { return text_of("begin"); }},
        {StatementId::limit_lock_wait, "limit_lock_wait", Use::session, false,
         [](const Dialect& dialect, const StatementKey&) {
             return text_of(dialect.words.limit_lock_wait(brief_lock_wait / waits_of_server));
         }},
        {StatementId::commit, "commit", Use::session, false,
         [](const Dialect&, const StatementKey&) { return text_of("commit"); }},
        {StatementId::read_clock, "read_clock", Use::session, false, read_clock},
        {StatementId::look_up, "look_up", Use::decision, true, look_up_sql}};
    return statements;
}

std::vector<StatementDefinition> collected() {
    std::vector<StatementDefinition> all = of_session();
    for (const Table* table : tables())
        all.insert(all.end(), table->statements.begin(), table->statements.end());
    all.insert(all.end(), catalog_statements().begin(), catalog_statements().end());
    std::ranges::sort(all, {}, &StatementDefinition::id);
    for (std::size_t i = 0; i < all.size(); ++i)
        if (static_cast<std::size_t>(all[i].id) != i)
            throw std::logic_error("statement " + std::to_string(i) + " is defined twice or not at all");
    return all;
}

}  // namespace

const std::vector<StatementDefinition>& all_statements() {
    static const std::vector<StatementDefinition> all = collected();
    return all;
}

const StatementDefinition& definition_of(StatementId id) {
    return all_statements().at(static_cast<std::size_t>(id));
}

}  // namespace sqlgrey::store
