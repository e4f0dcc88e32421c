#include "prepared.hpp"

#include "driver.hpp"

#include <cstdint>
#include <stdexcept>

namespace sqlgrey::store {
namespace {

bool is_list(Kind kind) {
    return kind == Kind::text_list || kind == Kind::number_list;
}

Values values(const std::vector<Kind>& kinds) {
    Values values;
    for (const Kind kind : kinds) values.emplace_back().kind = kind;
    return values;
}

}  // namespace

Prepared::Prepared(Driver& driver, const ListEncoder* encoder, const Sql& sql)
    : encoder_(encoder),
      parameters_(values(sql.parameters)),
      columns_(values(sql.columns)),
      statement_(driver.prepare(sql.text, parameters_, columns_)) {
}

Value& Prepared::next(Kind one, Kind many) {
    if (bound_ == parameters_.size() || (parameters_[bound_].kind != one && parameters_[bound_].kind != many))
        throw std::logic_error("parameter " + std::to_string(bound_) + " does not fit its statement");
    return parameters_[bound_++];
}

Prepared& Prepared::bind(std::string_view text) {
    Value& value = next(Kind::text, Kind::text_list);
    if (value.kind == Kind::text_list)
        encoder_->add_text(value.text, text);
    else
        value.text = text;
    return *this;
}

Prepared& Prepared::bind(std::int64_t number) {
    Value& value = next(Kind::number, Kind::number_list);
    if (value.kind == Kind::number_list)
        encoder_->add_number(value.text, number);
    else
        value.number = number;
    return *this;
}

Prepared& Prepared::row() {
    while (bound_ > 0 && is_list(parameters_[bound_ - 1].kind)) --bound_;
    return *this;
}

void Prepared::begin() {
    bound_ = 0;
    for (Value& value : parameters_)
        if (is_list(value.kind)) encoder_->close(value.text);
}

std::int64_t Prepared::change() {
    begin();
    return statement_->change();
}

void Prepared::over_no_rows() {
    for (Value& value : parameters_) {
        value.text.clear();
        if (is_list(value.kind)) encoder_->close(value.text);
    }
    statement_->query();
    while (statement_->next()) {
    }
}

void Prepared::query(const std::function<void(const Prepared&)>& row) {
    begin();
    statement_->query();
    while (statement_->next()) row(*this);
}

std::optional<std::int64_t> Prepared::number(std::size_t column) const {
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
