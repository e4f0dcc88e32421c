#include "postgresql_array.hpp"

namespace sqlgrey::store {
namespace {

// A closed array is from the last run; an open one ends with a quote or a digit.
void begin_element(std::string& array) {
    const bool fresh = array.empty() || array.back() == '}';
    if (fresh) array.clear();
    array += fresh ? '{' : ',';
}

}  // namespace

void PostgresqlArray::add_text(std::string& list, std::string_view text) const {
    begin_element(list);
    list += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') list += '\\';
        list += c;
    }
    list += '"';
}

void PostgresqlArray::add_number(std::string& list, std::int64_t number) const {
    begin_element(list);
    list += std::to_string(number);
}

void PostgresqlArray::close(std::string& list) const {
    if (list.empty()) list = "{";
    list += '}';
}

}  // namespace sqlgrey::store
