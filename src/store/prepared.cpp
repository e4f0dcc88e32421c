#include "prepared.hpp"

#include "dialect.hpp"

#include <stdexcept>

namespace sqlgrey::store {
namespace {

bool is_array(Kind kind) {
    return kind == Kind::texts || kind == Kind::numbers;
}

// An array that ends is one of the last run: an open one ends in a quote or a digit.
void add(std::string& array, std::string_view element) {
    const bool fresh = array.empty() || array.back() == '}';
    if (fresh) array.clear();
    array += fresh ? '{' : ',';
    array += element;
}

// In quotes always: a word such as NULL, a brace or a blank is then no more than that.
void add_quoted(std::string& array, std::string_view element) {
    add(array, "\"");
    for (const char c : element) {
        if (c == '"' || c == '\\') array += '\\';
        array += c;
    }
    array += '"';
}

Values values(const std::vector<Kind>& kinds) {
    Values values;
    for (const Kind kind : kinds) values.emplace_back().kind = kind;
    return values;
}

}  // namespace

std::string Sql::parameter(Kind kind) {
    const std::string name = ":p" + std::to_string(parameters.size());
    parameters.push_back(kind);
    return name;
}

Prepared::Prepared(const Dialect& dialect, soci::session& session, const Sql& sql)
    : parameters_(values(sql.parameters)),
      columns_(values(sql.columns)),
      statement_(dialect.prepare(session, sql.text, parameters_, columns_)) {
}

Value& Prepared::next(Kind one, Kind many) {
    if (bound_ == parameters_.size() || (parameters_[bound_].kind != one && parameters_[bound_].kind != many))
        throw std::logic_error("parameter " + std::to_string(bound_) + " does not fit its statement");
    return parameters_[bound_++];
}

Prepared& Prepared::bind(std::string_view text) {
    Value& value = next(Kind::text, Kind::texts);
    if (value.kind == Kind::texts)
        add_quoted(value.text, text);
    else
        value.text = text;
    return *this;
}

Prepared& Prepared::bind(long long number) {
    Value& value = next(Kind::number, Kind::numbers);
    if (value.kind == Kind::numbers)
        add(value.text, std::to_string(number));
    else
        value.number = number;
    return *this;
}

Prepared& Prepared::row() {
    while (bound_ > 0 && is_array(parameters_[bound_ - 1].kind)) --bound_;
    return *this;
}

void Prepared::begin() {
    bound_ = 0;
    for (Value& value : parameters_)
        if (is_array(value.kind)) value.text += '}';
}

long long Prepared::change() {
    begin();
    return statement_->change();
}

void Prepared::over_no_rows() {
    for (Value& value : parameters_) value.text = is_array(value.kind) ? "{}" : "";
    statement_->query();
    while (statement_->next()) {
    }
}

void Prepared::query(const std::function<void(const Prepared&)>& row) {
    begin();
    statement_->query();
    while (statement_->next()) row(*this);
}

std::optional<long long> Prepared::number(std::size_t column) const {
    const Value& value = columns_[column];
    if (value.indicator == soci::i_null) return {};
    return value.number;
}

std::optional<base::Time> Prepared::time(std::size_t column) const {
    const auto seconds = number(column);
    if (!seconds) return {};
    return base::at(*seconds);
}

}  // namespace sqlgrey::store
