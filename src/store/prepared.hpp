// A prepared statement, and the memory of its parameters and columns.
//
// These are bound by address, so a Prepared must not move or outlive its session. All rows of a result are
// read: a statement that was not read to its end would keep a transaction open on SQLite, and the WAL from
// shrinking.
#pragma once

#include "row_list.hpp"
#include "sql.hpp"
#include "sqlgrey/base/time.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <soci/soci.h>

namespace sqlgrey::store {

// The value of a parameter or a column.
struct Value {
    Kind kind = Kind::number;
    std::string text;
    std::int64_t number = 0;
    soci::indicator indicator = soci::i_ok;
};
using Values = std::deque<Value>;

// A statement of one database. Its parameters and columns must not move. All functions throw
// soci::soci_error.
class Statement {
  public:
    virtual ~Statement() = default;
    // Runs it and returns the number of rows changed.
    virtual std::int64_t change() = 0;
    // Runs it. Then each next() reads a row into the columns, and returns false after the last.
    virtual void query() = 0;
    virtual bool next() = 0;
};

class Driver;

class Prepared {
  public:
    // `encoder` may be null if the statement takes no lists.
    Prepared(Driver& driver, const ListEncoder* encoder, const Sql& sql);
    Prepared(const Prepared&) = delete;
    Prepared& operator=(const Prepared&) = delete;

    // Sets the next parameter, in the order of the text; a list gets one more value.
    Prepared& bind(std::string_view text);
    Prepared& bind(std::int64_t number);
    // Call it before each row of a list: if parameters are lists, binding starts again at the first of them.
    Prepared& row();

    // Runs it and returns the number of rows changed.
    std::int64_t change();
    // Runs it and calls `row` for each row of the result.
    void query(const std::function<void(const Prepared&)>& row);
    // True if it returns rows.
    bool reads() const { return !columns_.empty(); }
    // Runs it with empty texts, zeros and empty lists, and drops the result.
    void over_no_rows();
    // The columns of the current row.
    std::optional<std::int64_t> number(std::size_t column) const;
    std::optional<base::Time> time(std::size_t column) const;
    const std::string& text(std::size_t column) const { return columns_[column].text; }

  private:
    Value& next(Kind one, Kind many);
    void begin();

    const ListEncoder* encoder_;
    Values parameters_;
    Values columns_;
    std::size_t bound_ = 0;
    std::unique_ptr<Statement> statement_;
};

}  // namespace sqlgrey::store
