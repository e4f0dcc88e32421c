#include "postgresql_statement.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sqlgrey::store {
namespace {

// Replaces ":p0" and so on by the server's "$1". None of our statements has ":p" within quotes.
std::string with_dollars(std::string_view text) {
    std::string marked;
    int number = 0;
    for (std::size_t at = text.find(":p"); at != std::string_view::npos; at = text.find(":p")) {
        marked += text.substr(0, at);
        marked += '$' + std::to_string(++number);
        text.remove_prefix(std::min(text.find_first_not_of("0123456789", at + 2), text.size()));
    }
    return marked += text;
}

bool has_failed(const PGresult* result) {
    const ExecStatusType status = PQresultStatus(result);
    return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
}

class PostgresqlStatement final : public Statement {
  public:
    PostgresqlStatement(PostgresqlSession& session, const std::string& text, Values& parameters,
                        Values& columns)
        : session_(session),
          connection_(session.connection.get()),
          text_(with_dollars(text)),
          parameters_(parameters),
          columns_(columns) {
        if (!session_.prepares) return;
        name_ = "sqlgrey_" + std::to_string(++session_.prepared);
        const PostgresqlResult prepared{PQprepare(connection_, name_.c_str(), text_.c_str(), 0, nullptr)};
        check(connection_, prepared.get());
    }
    // Prepared statements end with the connection. Deallocating each would cost a round trip.

    std::int64_t change() override {
        execute();
        std::int64_t rows = 0;
        const std::string_view told = PQcmdTuples(result_.get());
        std::from_chars(told.data(), told.data() + told.size(), rows);
        return rows;
    }

    void query() override {
        execute();
        row_ = 0;
    }

    bool next() override {
        if (row_ == PQntuples(result_.get())) {
            result_.reset();
            return false;
        }
        for (std::size_t i = 0; i < columns_.size(); ++i) read(columns_[i], static_cast<int>(i));
        ++row_;
        return true;
    }

  private:
    void execute() {
        take_parameters();
        const bool alone = PQtransactionStatus(connection_) == PQTRANS_IDLE;
        if (session_.local_settings.empty() || !alone)
            result_.reset(run());
        else if (text_ == "begin")
            result_.reset(PQexec(connection_, ("begin; " + session_.local_settings).c_str()));
        else
            run_with_settings();
        check(connection_, result_.get());
    }

    void take_parameters() {
        numbers_.clear();
        texts_.clear();
        for (const Value& value : parameters_) {
            const bool is_number = value.kind == Kind::number;
            if (is_number) numbers_.push_back(std::to_string(value.number));
            texts_.push_back(is_number ? numbers_.back().c_str() : value.text.c_str());
        }
    }

    int number_of_parameters() const { return static_cast<int>(texts_.size()); }

    PGresult* run() const {
        const char* const* texts = texts_.data();
        if (name_.empty())
            return PQexecParams(connection_, text_.c_str(), number_of_parameters(), nullptr, texts, nullptr,
                                nullptr, 0);
        return PQexecPrepared(connection_, name_.c_str(), number_of_parameters(), texts, nullptr, nullptr, 0);
    }

    // Settings and statement in one round trip and one transaction, which without "begin" lasts until the
    // Sync.
    void run_with_settings() {
        PQenterPipelineMode(connection_);
        PQsendQueryParams(connection_, session_.local_settings.c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                          0);
        send();
        PQpipelineSync(connection_);
        take_results();
        PQexitPipelineMode(connection_);
    }

    void send() const {
        const char* const* texts = texts_.data();
        if (name_.empty())
            PQsendQueryParams(connection_, text_.c_str(), number_of_parameters(), nullptr, texts, nullptr,
                              nullptr, 0);
        else
            PQsendQueryPrepared(connection_, name_.c_str(), number_of_parameters(), texts, nullptr, nullptr,
                                0);
    }

    // Keeps the first error, or else the last result. A null ends the results of each query; two in a row
    // mean that the connection is lost and no Sync will come.
    void take_results() {
        result_.reset();
        for (int nulls = 0; nulls < 2;) {
            PGresult* result = PQgetResult(connection_);
            nulls = result ? 0 : nulls + 1;
            if (!result) continue;
            const bool is_end = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
            const bool has_error = result_.get() && has_failed(result_.get());
            if (is_end || has_error)
                PQclear(result);
            else
                result_.reset(result);
            if (is_end) return;
        }
    }

    void read(Value& column, int number) {
        const bool is_null = PQgetisnull(result_.get(), row_, number) != 0;
        column.indicator = is_null ? soci::i_null : soci::i_ok;
        const std::string_view text(PQgetvalue(result_.get(), row_, number),
                                    static_cast<std::size_t>(PQgetlength(result_.get(), row_, number)));
        if (column.kind == Kind::text)
            column.text = text;
        else if (!is_null &&
                 std::from_chars(text.data(), text.data() + text.size(), column.number).ec != std::errc{})
            throw soci::soci_error("column " + std::to_string(number) + " holds no number");
    }

    PostgresqlSession& session_;
    PGconn* connection_;
    std::string text_;
    std::string name_;  // empty: not prepared
    Values& parameters_;
    Values& columns_;
    std::deque<std::string> numbers_;  // the parameters that are numbers, as text
    std::vector<const char*> texts_;   // all parameters
    PostgresqlResult result_;
    int row_ = 0;
};

}  // namespace

std::unique_ptr<Statement> postgresql_statement(PostgresqlSession& session, const std::string& text,
                                                Values& parameters, Values& columns) {
    return std::make_unique<PostgresqlStatement>(session, text, parameters, columns);
}

}  // namespace sqlgrey::store
