#include "prepared.hpp"

#include <stdexcept>

namespace sqlgrey::store {

std::string Sql::parameter(Kind kind) {
    const std::string name = ":p" + std::to_string(parameters.size());
    parameters.push_back(kind);
    return name;
}

Prepared::Prepared(soci::session& session, const Sql& sql) : statement_(session) {
    statement_.alloc();
    for (const Kind kind : sql.columns) {
        Value& value = values_.emplace_back();
        value.kind = kind;
        if (kind == Kind::text)
            statement_.exchange(soci::into(value.text, value.indicator));
        else
            statement_.exchange(soci::into(value.number, value.indicator));
    }
    for (const Kind kind : sql.parameters) {
        Value& value = parameters_.emplace_back();
        value.kind = kind;
        if (kind == Kind::text)
            statement_.exchange(soci::use(value.text));
        else
            statement_.exchange(soci::use(value.number));
    }
    statement_.prepare(sql.text);
    statement_.define_and_bind();
}

Prepared::Value& Prepared::next(Kind kind) {
    if (bound_ == parameters_.size() || parameters_[bound_].kind != kind)
        throw std::logic_error("parameter " + std::to_string(bound_) + " does not fit its statement");
    return parameters_[bound_++];
}

Prepared& Prepared::bind(std::string_view text) {
    next(Kind::text).text = text;
    return *this;
}

Prepared& Prepared::bind(long long number) {
    next(Kind::number).number = number;
    return *this;
}

long long Prepared::change() {
    bound_ = 0;
    statement_.execute(true);
    return statement_.get_affected_rows();
}

void Prepared::query(const std::function<void(const Prepared&)>& row) {
    bound_ = 0;
    statement_.execute(false);
    while (statement_.fetch()) row(*this);
}

std::optional<long long> Prepared::number(std::size_t column) const {
    const Value& value = values_[column];
    if (value.indicator == soci::i_null) return {};
    return value.number;
}

}  // namespace sqlgrey::store
