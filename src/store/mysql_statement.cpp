#include "mysql_statement.hpp"

#include <algorithm>
#include <cstdint>
#include <new>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace sqlgrey::store {
namespace {

// Replaces ":p0" and so on by the server's "?". None of our statements has ":p" within quotes.
std::string with_question_marks(std::string_view text) {
    std::string marked;
    for (std::size_t at = text.find(":p"); at != std::string_view::npos; at = text.find(":p")) {
        marked += text.substr(0, at);
        marked += '?';
        text.remove_prefix(std::min(text.find_first_not_of("0123456789", at + 2), text.size()));
    }
    return marked += text;
}

class MysqlStatement final : public Statement {
  public:
    MysqlStatement(MYSQL* connection, const std::string& text, Values& parameters, Values& columns)
        : statement_(mysql_stmt_init(connection)),
          parameters_(parameters),
          columns_(columns),
          bound_(parameters.size()),
          read_(columns.size()) {
        if (!statement_) throw std::bad_alloc();
        const std::string marked = with_question_marks(text);
        check(mysql_stmt_prepare(statement_.get(), marked.data(), marked.size()));
        if (mysql_stmt_param_count(statement_.get()) != bound_.size() ||
            mysql_stmt_field_count(statement_.get()) != read_.size())
            throw std::logic_error("parameters or columns do not fit their statement");
    }

    std::int64_t change() override {
        execute();
        return static_cast<std::int64_t>(mysql_stmt_affected_rows(statement_.get()));
    }

    void query() override {
        execute();
        for (std::size_t i = 0; i < read_.size(); ++i) read_[i] = place_of(columns_[i]);
        for (MYSQL_BIND& column : read_) {
            column.is_null = &column.is_null_value;
            column.length = &column.length_value;
        }
        check(mysql_stmt_bind_result(statement_.get(), read_.data()));
        check(mysql_stmt_store_result(statement_.get()));
    }

    bool next() override {
        const int result = mysql_stmt_fetch(statement_.get());
        if (result == MYSQL_NO_DATA) {
            mysql_stmt_free_result(statement_.get());
            return false;
        }
        if (result != MYSQL_DATA_TRUNCATED) check(result);  // texts are: see read_text()
        for (std::size_t i = 0; i < read_.size(); ++i) {
            columns_[i].indicator = read_[i].is_null_value ? soci::i_null : soci::i_ok;
            if (columns_[i].kind == Kind::text) read_text(i);
        }
        return true;
    }

  private:
    struct Close {
        void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
    };

    void check(int failed) const {
        if (failed)
            throw soci::mysql_soci_error(mysql_stmt_error(statement_.get()),
                                         static_cast<int>(mysql_stmt_errno(statement_.get())));
    }

    // Binds again, because the texts may have moved.
    void execute() {
        for (std::size_t i = 0; i < bound_.size(); ++i) {
            bound_[i] = place_of(parameters_[i]);
            if (parameters_[i].kind == Kind::number) continue;
            bound_[i].buffer = parameters_[i].text.data();
            bound_[i].buffer_length = parameters_[i].text.size();
            bound_[i].length = &bound_[i].buffer_length;
        }
        check(mysql_stmt_bind_param(statement_.get(), bound_.data()));
        check(mysql_stmt_execute(statement_.get()));
    }

    // Texts get no memory yet: their length is known only when the row has arrived.
    static MYSQL_BIND place_of(Value& value) {
        MYSQL_BIND place{};
        place.buffer_type = value.kind == Kind::number ? MYSQL_TYPE_LONGLONG : MYSQL_TYPE_STRING;
        if (value.kind == Kind::number) place.buffer = &value.number;
        return place;
    }

    void read_text(std::size_t column) {
        std::string& text = columns_[column].text;
        text.resize(read_[column].is_null_value ? 0 : read_[column].length_value);
        if (text.empty()) return;
        MYSQL_BIND place = read_[column];
        place.buffer = text.data();
        place.buffer_length = text.size();
        check(mysql_stmt_fetch_column(statement_.get(), &place, static_cast<unsigned>(column), 0));
    }

    std::unique_ptr<MYSQL_STMT, Close> statement_;
    Values& parameters_;
    Values& columns_;
    std::vector<MYSQL_BIND> bound_;
    std::vector<MYSQL_BIND> read_;
};

}  // namespace

std::unique_ptr<Statement> mysql_statement(MYSQL* connection, const std::string& text, Values& parameters,
                                           Values& columns) {
    return std::make_unique<MysqlStatement>(connection, text, parameters, columns);
}

}  // namespace sqlgrey::store
