#include "driver.hpp"

#include "errors.hpp"

namespace sqlgrey::store {
namespace {

// A statement that SOCI's backend runs.
class SociStatement final : public Statement {
  public:
    SociStatement(soci::session& session, const std::string& text, Values& parameters, Values& columns)
        : statement_(session) {
        statement_.alloc();
        for (Value& column : columns) {
            if (column.kind == Kind::text)
                statement_.exchange(soci::into(column.text, column.indicator));
            else
                statement_.exchange(soci::into(column.number, column.indicator));
        }
        for (Value& parameter : parameters) {
            if (parameter.kind == Kind::number)
                statement_.exchange(soci::use(parameter.number));
            else
                statement_.exchange(soci::use(parameter.text));
        }
        statement_.prepare(text);
        statement_.define_and_bind();
    }

    std::int64_t change() override {
        statement_.execute(true);
        return statement_.get_affected_rows();
    }
    void query() override { statement_.execute(false); }
    bool next() override { return statement_.fetch(); }

  private:
    soci::statement statement_;
};

}  // namespace

std::unique_ptr<Statement> Driver::prepare(const std::string& text, Values& parameters, Values& columns) {
    return std::make_unique<SociStatement>(session_, text, parameters, columns);
}

std::string Driver::message(const soci::soci_error& error) {
    return one_line(error.what());
}

std::unique_ptr<Driver> make_driver(Database database, soci::session& session) {
    switch (database) {
        case Database::postgresql:
            return postgresql_driver(session);
        case Database::mysql:
            return mysql_driver(session);
        case Database::sqlite:
            break;
    }
    return sqlite_driver(session);
}

}  // namespace sqlgrey::store
