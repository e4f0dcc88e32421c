#include "sqlite_statement.hpp"

#include <cstdint>
#include <new>
#include <stdexcept>
#include <vector>

namespace sqlgrey::store {
namespace {

class SqliteStatement final : public Statement {
  public:
    SqliteStatement(sqlite_api::sqlite3* connection, const std::string& text, Values& parameters,
                    Values& columns)
        : connection_(connection), parameters_(parameters), columns_(columns) {
        sqlite_api::sqlite3_stmt* statement = nullptr;
        check(sqlite_api::sqlite3_prepare_v3(connection, text.c_str(), static_cast<int>(text.size()) + 1,
                                             SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
        statement_.reset(statement);
        if (sqlite_api::sqlite3_column_count(statement) != static_cast<int>(columns.size()))
            throw std::logic_error("columns do not fit their statement");
        for (std::size_t i = 0; i < parameters.size(); ++i) places_.push_back(place_of(i));
    }

    std::int64_t change() override {
        bind();
        while (step()) {
        }
        return sqlite_api::sqlite3_changes(connection_);
    }

    void query() override { bind(); }

    bool next() override {
        if (!step()) return false;
        for (std::size_t i = 0; i < columns_.size(); ++i) read(columns_[i], static_cast<int>(i));
        return true;
    }

  private:
    struct Finalize {
        void operator()(sqlite_api::sqlite3_stmt* statement) const {
            sqlite_api::sqlite3_finalize(statement);
        }
    };

    // SQLite numbers the parameters as they come in the text.
    int place_of(std::size_t parameter) const {
        const std::string name = ":p" + std::to_string(parameter);
        const int place = sqlite_api::sqlite3_bind_parameter_index(statement_.get(), name.c_str());
        if (place == 0) throw std::logic_error("parameter " + name + " is not in its statement");
        return place;
    }

    void check(int result) const {
        if (result != SQLITE_OK)
            throw soci::sqlite3_soci_error(sqlite_api::sqlite3_errmsg(connection_), result);
    }

    // Texts are not copied: they stay where they are until the statement has ended.
    void bind() {
        sqlite_api::sqlite3_reset(statement_.get());  // after a failure, whose error this returns again
        for (std::size_t i = 0; i < places_.size(); ++i) {
            const Value& value = parameters_[i];
            check(value.kind == Kind::number
                      ? sqlite_api::sqlite3_bind_int64(statement_.get(), places_[i], value.number)
                      : sqlite_api::sqlite3_bind_text(statement_.get(), places_[i], value.text.data(),
                                                      static_cast<int>(value.text.size()), nullptr));
        }
    }

    // True: there is a row. False: the statement has ended, and holds no snapshot any more.
    bool step() {
        const int result = sqlite_api::sqlite3_step(statement_.get());
        if (result == SQLITE_ROW) return true;
        check(result == SQLITE_DONE ? SQLITE_OK : result);
        check(sqlite_api::sqlite3_reset(statement_.get()));
        return false;
    }

    void read(Value& value, int column) const {
        sqlite_api::sqlite3_stmt* statement = statement_.get();
        const bool is_null = sqlite_api::sqlite3_column_type(statement, column) == SQLITE_NULL;
        value.indicator = is_null ? soci::i_null : soci::i_ok;
        if (value.kind == Kind::number) {
            value.number = sqlite_api::sqlite3_column_int64(statement, column);
            return;
        }
        value.text.clear();
        if (is_null) return;
        const auto* text = reinterpret_cast<const char*>(sqlite_api::sqlite3_column_text(statement, column));
        if (!text) throw std::bad_alloc();
        value.text.assign(text,
                          static_cast<std::size_t>(sqlite_api::sqlite3_column_bytes(statement, column)));
    }

    sqlite_api::sqlite3* connection_;
    std::unique_ptr<sqlite_api::sqlite3_stmt, Finalize> statement_;
    Values& parameters_;
    Values& columns_;
    std::vector<int> places_;  // SQLite's number of each parameter
};

}  // namespace

std::unique_ptr<Statement> sqlite_statement(sqlite_api::sqlite3* connection, const std::string& text,
                                            Values& parameters, Values& columns) {
    return std::make_unique<SqliteStatement>(connection, text, parameters, columns);
}

}  // namespace sqlgrey::store
