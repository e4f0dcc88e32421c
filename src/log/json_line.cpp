#include "sqlgrey/log/json_line.hpp"

#include <algorithm>
#include <ctime>

namespace sqlgrey::log {
namespace {

// Nearly all characters of nearly all texts.
bool stands_for_itself(char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

}  // namespace

JsonLine::JsonLine(Category category, int level) {
    text_.reserve(512);
    text_ = "{";
    time("time", base::at(std::time(nullptr)));
    text("category", name(category));
    text("level", level_name(level));
}

void JsonLine::begin_member(std::string_view name) {
    if (text_.size() > 1) text_ += ", ";
    text_.append("\"").append(name).append("\": ");
}

JsonLine& JsonLine::text(std::string_view name, std::string_view value) {
    begin_member(name);
    text_ += '"';
    if (std::ranges::all_of(value, stands_for_itself))
        text_ += value;
    else
        for (const char c : escape(value)) {
            if (c == '"' || c == '\\') text_ += '\\';
            text_ += c;
        }
    text_ += '"';
    return *this;
}

JsonLine& JsonLine::time(std::string_view name, base::Time value) {
    return text(name, base::rfc3339(value));
}

JsonLine& JsonLine::number(std::string_view name, std::int64_t value) {
    begin_member(name);
    text_ += std::to_string(value);
    return *this;
}

}  // namespace sqlgrey::log
