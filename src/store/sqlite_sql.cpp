// SQLite's SQL, and its lists of rows: written out, four at a time.
#include "dialect.hpp"

namespace sqlgrey::store {
namespace {

class SqliteWords final : public SqlWords {
  public:
    std::string seconds(const std::string& column) const override { return column; }
    std::string timestamp(const std::string& parameter) const override { return parameter; }
    std::string shown(const std::string& column) const override { return "cast(" + column + " as text)"; }
    std::string now() const override { return {}; }
    std::string on_conflict(const std::string& key) const override {
        return "on conflict (" + key + ") do update set ";
    }
    std::string excluded(const std::string& column) const override { return "excluded." + column; }
    // GLOB, because SQLite's LIKE ignores case, and "RCPT" in a deverped name is not "rcpt". If the pattern
    // were a bare parameter, SQLite would use its beginning to search the index, and prepare the statement
    // again for each new value. So the pattern is an expression, and its beginning is compared separately.
    std::string matches(const std::string& column, const std::string& parameter) const override {
        const std::string beginning = "substr(" + parameter + ", 1, min(instr(" + parameter +
                                      " || '*', '*'), instr(" + parameter + " || '[', '[')) - 1)";
        return column + " glob (" + parameter + " || '') and " + column + " >= " + beginning + " and " +
               column + " < " + beginning + " || cast(x'ff' as text)";
    }
    std::string pattern(std::string_view deverped, mail::OwnHashes own_hashes) const override {
        std::string glob;
        mail::for_each_in_pattern(deverped, own_hashes, [&](char c, bool is_any_run) {
            if (is_any_run)
                glob += '*';
            else if (c == '*' || c == '?' || c == '[')
                glob += std::string{'[', c, ']'};
            else
                glob += c;
        });
        return glob;
    }
    // Immediate: a transaction that has begun by reading may not be able to write (SQLITE_BUSY_SNAPSHOT).
    std::string begin() const override { return "begin immediate"; }
};

class SqliteRowList final : public WrittenOutRows {
  public:
    using WrittenOutRows::WrittenOutRows;

    // There are no round trips to save, and with four rows starting and ending a run already costs little.
    std::size_t rows_of_statement(std::size_t rows) const override { return rows < 4 ? 1 : 4; }
    void where_limited(Sql& sql, const std::string& table, const Columns& columns, std::size_t rows,
                       std::size_t most) const override {
        sql << "\nwhere rowid in (select rowid from " << table;
        where(sql, table, columns, rows);
        sql << "\nlimit " << std::to_string(most) << ")";
    }
};

}  // namespace

const Dialect& sqlite_dialect() {
    static const SqliteWords words;
    static const SqliteRowList rows(words);
    static const Dialect dialect{Database::sqlite, words, rows};
    return dialect;
}

}  // namespace sqlgrey::store
