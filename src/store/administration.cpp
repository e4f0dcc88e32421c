#include "sqlgrey/store/administration.hpp"

#include "hosts.hpp"
#include "opening.hpp"
#include "schema.hpp"
#include "session.hpp"
#include "store_clock.hpp"
#include "tables/administration.hpp"
#include "tables/pool_rows.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>

namespace sqlgrey::store {
namespace {

Question question_of(TableName table, const TableFilter& filter) {
    return {.table = table,
            .clients = !filter.clients.empty(),
            .sender_domain = filter.sender_domain.has_value(),
            .sender_name = filter.sender_name.has_value(),
            .recipient = filter.recipient.has_value(),
            .recipient_domain = filter.recipient_domain.has_value(),
            .since = filter.since.has_value()};
}

// A '#' in the domain matches itself.
std::string pattern_of_domain(const SqlWords& words, const std::string& domain) {
    return words.pattern("#@" + domain, ~mail::OwnHashes{1});
}

// Fills the places up to most_clients with the last one. Binds nothing if there are none.
void bind_any_of(Prepared& statement, const std::vector<std::string>& clients) {
    for (std::size_t i = 0; !clients.empty() && i < TableFilter::most_clients; ++i)
        statement.bind(clients[std::min(i, clients.size() - 1)]);
}

void bind(Prepared& statement, const SqlWords& words, const TableFilter& filter) {
    bind_any_of(statement, filter.clients);
    for (const auto* text : {&filter.sender_domain, &filter.sender_name, &filter.recipient})
        if (*text) statement.bind(**text);
    if (filter.recipient_domain) statement.bind(pattern_of_domain(words, *filter.recipient_domain));
    if (filter.since) statement.bind(base::epoch(*filter.since));
}

void bind_cell(Prepared& statement, const TableCell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) {
        statement.bind(*text);
    } else if (const auto* time = std::get_if<base::Time>(&cell)) {
        statement.bind(base::epoch(*time));
    } else {
        const auto* number = std::get_if<std::int64_t>(&cell);
        statement.bind(number ? *number : 0);  // 0: no optional time
    }
}

// Binds the parameters of a page that begins behind this row (tables/administration.cpp).
void bind_behind(Prepared& statement, const TableShape& shape, const TableRow& row) {
    const std::size_t last = key_columns(shape).size() - 1;
    bind_cell(statement, row[0]);
    for (std::size_t i = 0; i <= last; ++i) {
        bind_cell(statement, row[i]);
        if (i < last) bind_cell(statement, row[i]);
    }
}

TableCell cell_of(TableColumn::Is is, const Prepared& found, std::size_t column) {
    if (is == TableColumn::Is::text) return found.text(column);
    const auto number = found.number(column);
    if (!number) return {};
    if (is == TableColumn::Is::number) return std::int64_t{*number};
    return base::at(*number);
}

TableRow row_of(const TableShape& shape, const Prepared& found) {
    TableRow row;
    for (std::size_t i = 0; i < shape.columns.size(); ++i)
        row.push_back(cell_of(shape.columns[i].is, found, i));
    return row;
}

PoolRow pool_row_of(const Prepared& found) {
    const std::int64_t seen = found.number(2).value_or(0);
    return {found.text(0), found.number(1).value_or(0),
            seen > 0 ? std::optional{base::at(seen)} : std::nullopt, found.number(3).value_or(0),
            found.number(4).value_or(0) == 1};
}

class SqlAdministration final : public Administration {
  public:
    SqlAdministration(const Target& target, AdministrationMode mode)
        : limit_(target.time_limit), session_(target, purpose_of(mode)) {
        if (mode == AdministrationMode::make) make_tables(target);
        refuse_old_tables(target.database);
        if (mode != AdministrationMode::look) prove_writable(session_, target, nullptr, {});
    }

    base::Time now() override {
        base::Time time;
        bounded([&] { time = StoreClock(session_, nullptr).now(); });
        return time;
    }

    bool has(TableName table) override {
        try {
            sorted(table, {}, SortBy::time, 0, [](const TableRow&) {});
            return true;
        } catch (const greylist::StoreError&) {
            return false;
        }
    }

    std::int64_t count(TableName table) override {
        return number({StatementId::admin_count, Question{table}.parts()});
    }
    std::int64_t waiting() override { return number({StatementId::admin_waiting}); }

    std::optional<std::string> fact(std::string_view name) override {
        std::optional<std::string> value;
        bounded([&] {
            session_.prepared({StatementId::read_config}).bind(name).query([&](const Prepared& row) {
                value = row.text(0);
            });
        });
        return value;
    }

    void sorted(TableName table, const TableFilter& filter, SortBy by, std::int64_t limit,
                const std::function<void(const TableRow&)>& row) override {
        Question question = question_of(table, filter);
        question.by = by;
        bounded([&] {
            Prepared& statement = session_.prepared({StatementId::admin_sorted, question.parts()});
            bind(statement, session_.dialect().words, filter);
            statement.bind(limit).query([&](const Prepared& found) { row(row_of(shape_of(table), found)); });
        });
    }

    std::vector<TableRow> page(TableName table, const TableFilter& filter,
                               const std::optional<TableRow>& behind) override {
        std::vector<TableRow> rows;
        Question question = question_of(table, filter);
        question.behind = behind.has_value();
        bounded([&] {
            rows.clear();
            Prepared& statement = session_.prepared({StatementId::admin_page, question.parts()});
            bind(statement, session_.dialect().words, filter);
            if (behind) bind_behind(statement, shape_of(table), *behind);
            statement.bind(static_cast<std::int64_t>(page_size)).query([&](const Prepared& found) {
                rows.push_back(row_of(shape_of(table), found));
            });
        });
        return rows;
    }

    std::vector<TableRow> ask(const std::string& query, std::span<const TableColumn::Is> columns) override {
        Sql sql{query, {}, {}};
        for (const TableColumn::Is column : columns)
            sql.columns.push_back(column == TableColumn::Is::text ? Kind::text : Kind::number);
        const bool is_mysql = session_.dialect().database == Database::mysql;
        std::vector<TableRow> rows;
        bounded([&] {
            rows.clear();
            // Times are for people: in the zone in which the server's own client shows them.
            if (is_mysql) session_.raw() << "set time_zone = @@global.time_zone";
            Prepared(session_.driver(), nullptr, sql).query([&](const Prepared& found) {
                TableRow& row = rows.emplace_back();
                for (std::size_t i = 0; i < columns.size(); ++i) row.push_back(cell_of(columns[i], found, i));
            });
            if (is_mysql) session_.raw() << "set time_zone = '+00:00'";
        });
        return rows;
    }

    std::vector<PoolRow> pools(const PoolFilter& filter, SortBy by, std::int64_t limit) override {
        std::vector<PoolRow> rows;
        Question question{.table = TableName::pool, .clients = !filter.pools.empty()};
        question.since = filter.since.has_value();
        question.by = by;
        bounded([&] {
            rows.clear();
            Prepared& statement = session_.prepared({StatementId::admin_pools, question.parts()});
            for (int time = 0; time < 2; ++time) bind_any_of(statement, filter.pools);
            if (filter.since) statement.bind(base::epoch(*filter.since));
            statement.bind(limit).query([&](const Prepared& found) { rows.push_back(pool_row_of(found)); });
        });
        return rows;
    }

    std::int64_t came_back(const std::string& pool) override {
        std::int64_t rows = 0;
        bounded([&] { rows = count_rows_of_pool(session_, pool); });
        return rows;
    }

    std::int64_t erase(TableName table, std::span<const TableRow> rows) override {
        const std::size_t keys = key_columns(shape_of(table)).size();
        return change({StatementId::admin_erase, Question{table}.parts()}, rows, keys, [](Prepared&) {});
    }

    void move_back(std::span<const TableRow> rows, base::Time first_seen) override {
        const std::size_t keys = key_columns(shape_of(TableName::connect)).size();
        change({StatementId::admin_move_back}, rows, keys, [&](Prepared& statement) {
            statement.bind(base::epoch(first_seen)).bind(base::epoch(first_seen));
        });
    }

    void put(TableName table, std::span<const TableRow> rows) override {
        change(
            {StatementId::admin_put, Question{table}.parts()}, rows, shape_of(table).columns.size(),
            [](Prepared&) {}, table);
    }

  private:
    static Purpose purpose_of(AdministrationMode mode) {
        return mode == AdministrationMode::look ? Purpose::inspection : Purpose::requests;
    }

    // Those that are extra only if the database lets us: rows of others can be put without them.
    void make_tables(const Target& target) {
        bring_up_to_date(session_, target, nullptr, {});
        for (const Extra extra : {Extra::statistics, Extra::facts}) {
            try {
                bring_up_to_date(session_, target, extra);
            } catch (const greylist::StoreError&) {
                // Said when a row of theirs is put.
            }
        }
    }

    void refuse_old_tables(Database database) {
        bool is_ready = false;
        bounded([&] { is_ready = is_up_to_date(session_, database); });
        if (is_ready) return;
        std::string why =
            "the tables are not there, or not up to date: start sqlgrey once, it makes them or brings them "
            "up to date";
        if (database == Database::mysql)
            why += "; the server hides tables that db_user may not read, so check its rights";
        throw greylist::StoreError(greylist::StoreError::Fault::schema, why);
    }

    std::int64_t number(const StatementKey& statement) {
        std::int64_t number = 0;
        bounded([&] {
            session_.prepared(statement).query(
                [&](const Prepared& row) { number = row.number(0).value_or(0); });
        });
        return number;
    }

    void bounded(const std::function<void()>& body) {
        session_.within(limit_, [&] { session_.visit(body); });
    }

    // Binds the first `columns` cells of each row; if `put` names the table, not those that the database
    // makes.
    std::int64_t change(StatementKey key, std::span<const TableRow> rows, std::size_t columns,
                        const std::function<void(Prepared&)>& bind_begin, std::optional<TableName> put = {}) {
        std::int64_t changed = 0;
        const auto body = [&] {
            changed = 0;
            session_.over_list(key, rows.size(), [&](Prepared& statement, const auto& indexes) {
                bind_begin(statement);
                for (const std::size_t i : indexes) {
                    statement.row();
                    for (std::size_t c = 0; c < columns; ++c)
                        if (!put || shape_of(*put).columns[c].merge != TableColumn::Merge::generated)
                            bind_cell(statement, rows[i][c]);
                }
                changed += statement.change();
            });
        };
        session_.within(limit_, [&] { session_.transaction(body); });
        return changed;
    }

    base::Milliseconds limit_;  // with waiting for locks; no request waits for it
    Session session_;
};

bool is_absent(const Target& target) {
    std::error_code unknown;
    return target.database == Database::sqlite && !std::filesystem::exists(target.name, unknown) && !unknown;
}

}  // namespace

std::unique_ptr<Administration> open_administration(const Target& target, AdministrationMode mode,
                                                    base::Milliseconds limit) {
    Target own_target = target;
    own_target.time_limit = std::max(target.time_limit, limit);
    if (mode != AdministrationMode::make && is_absent(target))
        throw greylist::StoreError(greylist::StoreError::Fault::access,
                                   "there is no SQLite file " + target.name +
                                       ": start sqlgrey once, it makes it, or correct db_name");
    return open_first_good(own_target,
                           [&](const Target& one) { return std::make_unique<SqlAdministration>(one, mode); });
}

}  // namespace sqlgrey::store
