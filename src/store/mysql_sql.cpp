// The SQL of MySQL and MariaDB, as far as both understand it, and their lists of rows, written out.
#include "dialect.hpp"

#include <algorithm>
#include <array>

namespace sqlgrey::store {
namespace {

class MysqlWords final : public SqlWords {
  public:
    std::string seconds(const std::string& column) const override { return "unix_timestamp(" + column + ")"; }
    std::string timestamp(const std::string& parameter) const override {
        return "from_unixtime(" + parameter + ")";
    }
    std::string shown(const std::string& column) const override { return "cast(" + column + " as char)"; }
    std::string now() const override { return "unix_timestamp()"; }
    std::string on_conflict(const std::string&) const override { return "on duplicate key update "; }
    std::string excluded(const std::string& column) const override { return "values(" + column + ")"; }
    std::string matches(const std::string& column, const std::string& parameter) const override {
        return column + " like " + parameter + " escape '!'";
    }
    std::string pattern(std::string_view deverped, mail::OwnHashes own_hashes) const override {
        return like_pattern(deverped, own_hashes);
    }
};

class MysqlRowList final : public WrittenOutRows {
  public:
    using WrittenOutRows::WrittenOutRows;

    // Few sizes, so that few statements have to be prepared.
    std::size_t rows_of_statement(std::size_t rows) const override {
        constexpr std::array<std::size_t, 12> sizes{1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};
        return *std::ranges::lower_bound(sizes, std::min(rows, sizes.back()));
    }
    void where_limited(Sql& sql, const std::string& table, const Columns& columns, std::size_t rows,
                       std::size_t most) const override {
        where(sql, table, columns, rows);
        sql << "\nlimit " << std::to_string(most);
    }
};

}  // namespace

const Dialect& mysql_dialect() {
    static const MysqlWords words;
    static const MysqlRowList rows(words);
    static const Dialect dialect{Database::mysql, words, rows};
    return dialect;
}

}  // namespace sqlgrey::store
