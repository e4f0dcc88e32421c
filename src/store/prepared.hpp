// One kept prepared statement with the places its parameters and columns live in.
//
// Its values are bound by their addresses, so a Prepared neither moves nor outlives its session. After every
// run the statement is drained: an undrained one would keep a transaction open on SQLite (and pin its WAL).
#pragma once

#include "row_list.hpp"
#include "sql.hpp"
#include "sqlgrey/base/time.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <soci/soci.h>

namespace sqlgrey::store {

// What a parameter is bound to, or a column read into.
struct Value {
    Kind kind = Kind::number;
    std::string text;
    long long number = 0;
    soci::indicator indicator = soci::i_ok;
};
using Values = std::deque<Value>;

// A statement as the database runs it, over parameters and columns that stay where they are. All of it
// throws soci::soci_error.
class Statement {
  public:
    virtual ~Statement() = default;
    // Runs it and gives the number of rows it changed.
    virtual long long change() = 0;
    // Runs it; after that each next() reads a row into the columns, until it is false.
    virtual void query() = 0;
    virtual bool next() = 0;
};

class Driver;

class Prepared {
  public:
    // `encoder`: for its lists, if it has any.
    Prepared(Driver& driver, const ListEncoder* encoder, const Sql& sql);
    Prepared(const Prepared&) = delete;
    Prepared& operator=(const Prepared&) = delete;

    // The next parameter, in the order of the text; a list gets one more value.
    Prepared& bind(std::string_view text);
    Prepared& bind(long long number);
    // Before each row: where the statement takes lists, the row goes into the same parameters as the one
    // before it.
    Prepared& row();

    // Runs it and gives the number of rows it changed.
    long long change();
    // Runs it and calls `row` for each row of the result.
    void query(const std::function<void(const Prepared&)>& row);
    // True if it gives rows.
    bool reads() const { return !columns_.empty(); }
    // Runs it with empty texts, numbers of 0 and lists of no rows, and passes over what it gives.
    void over_no_rows();
    // The columns of the current row.
    std::optional<long long> number(std::size_t column) const;
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
