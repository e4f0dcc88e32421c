// How a statement takes a list of rows as parameters: written out row by row, or as one list for each column.
#pragma once

#include "sql.hpp"
#include "sql_words.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::store {

// A column of the rows that a statement takes. time: bound in seconds since 1970, stored as a timestamp;
// optional_time: the same, 0 for null; pattern: a text from SqlWords::pattern() that the column must match.
struct Column {
    enum class Is { text, number, time, optional_time, pattern };
    const char* name;
    Is is = Is::text;
    bool is_time() const { return is == Is::time || is == Is::optional_time; }
    bool is_text() const { return is == Is::text || is == Is::pattern; }
};
using Columns = std::vector<Column>;
// `number`, an expression for the seconds of such a column, as the table stores them.
std::string timestamp_of(const SqlWords& words, const Column& column, const std::string& number);

// Writes a list of values into one parameter, as the database reads it.
class ListEncoder {
  public:
    virtual ~ListEncoder() = default;
    virtual void add_text(std::string& list, std::string_view text) const = 0;
    virtual void add_number(std::string& list, std::int64_t number) const = 0;
    // Call it after the last value, also of an empty list. The next value begins a new list.
    virtual void close(std::string& list) const = 0;
};

class RowList {
  public:
    virtual ~RowList() = default;

    // How many places for rows a statement for this many rows has. It is run until all rows are taken; in the
    // last run the last row fills the places left. 0: it takes any number.
    virtual std::size_t rows_of_statement(std::size_t rows) const = 0;
    // Null if each value is a parameter of its own.
    virtual const ListEncoder* encoder() const { return nullptr; }
    // True if a statement can be run with an empty list, which shows whether the user has the rights.
    bool takes_empty_lists() const { return encoder() != nullptr; }

    // Each of these appends to the statement's text.
    //
    // A query that returns the rows: n, counted from 0, then the columns.
    virtual void rows(Sql& sql, const Columns& columns, std::size_t rows) const = 0;
    // What follows "insert into <table>": the columns and the rows.
    virtual void values(Sql& sql, const Columns& columns, std::size_t rows) const = 0;
    // What follows "update <table> set ..." or "delete from <table>": restricts it to rows of the table whose
    // columns match one of the rows.
    virtual void where(Sql& sql, const std::string& table, const Columns& columns,
                       std::size_t rows) const = 0;
    // What follows "delete from <table>": the same, for at most `most` rows of the table in one run.
    virtual void where_limited(Sql& sql, const std::string& table, const Columns& columns, std::size_t rows,
                               std::size_t most) const = 0;

    // What follows the rows in a query: joins to each the row of the table, named `as`, for which `condition`
    // is true, or nulls. There is at most one, because the condition gives the table's primary key.
    virtual std::string left_join_keys(const std::string& table, const std::string& as,
                                       const std::string& condition) const;
};

// Rows written out one after another, each value a parameter of its own.
class WrittenOutRows : public RowList {
  public:
    explicit WrittenOutRows(const SqlWords& words) : words_(words) {}

    void rows(Sql& sql, const Columns& columns, std::size_t rows) const override;
    void values(Sql& sql, const Columns& columns, std::size_t rows) const override;
    void where(Sql& sql, const std::string& table, const Columns& columns, std::size_t rows) const override;

  private:
    std::string parameter(Sql& sql, const Column& column) const;

    const SqlWords& words_;
};

}  // namespace sqlgrey::store
