// PostgreSQL's SQL, and its lists of rows: an array for each column.
//
// The columns are `timestamp` without zone and hold the session's local time, as a Perl SQLgrey on the same
// tables writes and reads them. In the hour that comes twice when summer time ends, a local time may mean the
// earlier or the later moment. PostgreSQL takes the later one; if that lies in the future, the earlier one
// was meant. A time that comes once is read as it is, even if it lies in the future.
#include "dialect.hpp"
#include "postgresql_array.hpp"

namespace sqlgrey::store {
namespace {

std::string names(const Columns& columns) {
    std::string list;
    for (const Column& column : columns) list += (list.empty() ? "" : ", ") + std::string{column.name};
    return list;
}

// "unnest(<arrays>) with ordinality as k(<columns>, n)". One statement takes a list of any length, as an
// array for each column.
std::string arrays(Sql& sql, const Columns& columns) {
    std::string list;
    for (const Column& column : columns) {
        const bool is_text = column.is_text();
        list += (list.empty() ? "cast(" : ", cast(") +
                sql.parameter(is_text ? Kind::text_list : Kind::number_list) +
                (is_text ? " as text[])" : " as bigint[])");
    }
    return "unnest(" + list + ") with ordinality as k(" + names(columns) + ", n)";
}

class PostgresqlWords final : public SqlWords {
  public:
    // date_part() rather than extract(), which computes with numeric since version 14.
    std::string seconds(const std::string& column) const override {
        const std::string later = "cast(" + column + " as timestamptz)";
        const std::string earlier = later + " - interval '1 hour'";
        return "cast(floor(date_part('epoch',\n        case when " + later +
               " > now() + interval '1 minute'\n            and cast(" + earlier +
               " as timestamp) = " + column + "\n        then " + earlier + "\n        else " + later +
               " end)) as bigint)";
    }
    std::string timestamp(const std::string& parameter) const override {
        return "cast(to_timestamp(cast(" + parameter + " as bigint)) as timestamp)";
    }
    std::string shown(const std::string& column) const override { return "cast(" + column + " as text)"; }
    // A subquery, so that it is computed once for the statement and not for each row.
    std::string now() const override { return "(select cast(floor(date_part('epoch', now())) as bigint))"; }
    std::string on_conflict(const std::string& key) const override {
        return "on conflict (" + key + ") do update set ";
    }
    std::string excluded(const std::string& column) const override { return "excluded." + column; }
    std::string matches(const std::string& column, const std::string& parameter) const override {
        return column + " like " + parameter + " escape '!'";
    }
    std::string pattern(std::string_view deverped, mail::OwnHashes own_hashes) const override {
        return like_pattern(deverped, own_hashes);
    }
    std::string limit_lock_wait(base::Milliseconds limit) const override {
        return "set local lock_timeout = " + std::to_string(limit.count());
    }
};

class PostgresqlRowList final : public RowList {
  public:
    explicit PostgresqlRowList(const SqlWords& words) : words_(words) {}

    std::size_t rows_of_statement(std::size_t) const override { return 0; }
    const ListEncoder* encoder() const override { return &array_; }
    void rows(Sql& sql, const Columns& columns, std::size_t) const override {
        sql << "select n - 1 as n, " << names(columns) << "\n    from " << arrays(sql, columns);
    }
    // A lateral query for each row. A join with a table that was nearly empty when it was analysed last is
    // planned as a scan of the table, and that plan stays while the table grows. "offset 0" keeps the planner
    // from turning the query into a join.
    std::string left_join_keys(const std::string& table, const std::string& as,
                               const std::string& condition) const override {
        return "left join lateral (\n    select * from " + table + " " + as + "\n    where " + condition +
               "\n    offset 0) " + as + " on true";
    }
    void values(Sql& sql, const Columns& columns, std::size_t) const override {
        sql << " (" << names(columns) << ")\nselect ";
        for (const Column& column : columns)
            sql << (&column == &columns.front() ? "" : ", ")
                << (column.is_time() ? timestamp_of(words_, column, column.name) : column.name);
        sql << "\nfrom " << arrays(sql, columns) << "\n";
    }
    void where(Sql& sql, const std::string& table, const Columns& columns, std::size_t) const override {
        by_ctid(sql, table, columns, "");
    }
    void where_limited(Sql& sql, const std::string& table, const Columns& columns, std::size_t,
                       std::size_t most) const override {
        by_ctid(sql, table, columns, " limit " + std::to_string(most));
    }

  private:
    // Finds the rows' ctid as left_join_keys() finds rows, for the same reason. Rows are locked in that
    // order, which is the same for all workers. A row that another worker changes at this moment may be
    // missed; that worker has just touched it or written it again.
    void by_ctid(Sql& sql, const std::string& table, const Columns& columns, const std::string& limit) const {
        sql << "\nwhere ctid = any(array(\n    select t.ctid\n    from " << arrays(sql, columns)
            << ",\n    lateral (\n        select ctid from " << table << "\n        where ";
        for (const Column& column : columns) {
            const std::string ours = table + "." + column.name, asked = std::string{"k."} + column.name;
            sql << (&column == &columns.front() ? "" : " and ")
                << (column.is == Column::Is::pattern ? words_.matches(ours, asked) : ours + " = " + asked);
        }
        sql << "\n        offset 0) t" << limit << "))";
    }

    const SqlWords& words_;
    PostgresqlArray array_;
};

}  // namespace

const Dialect& postgresql_dialect() {
    static const PostgresqlWords words;
    static const PostgresqlRowList rows(words);
    static const Dialect dialect{Database::postgresql, words, rows};
    return dialect;
}

}  // namespace sqlgrey::store
