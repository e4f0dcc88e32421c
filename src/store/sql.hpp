// The text of a statement, with what its parameters and columns are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::store {

// The type of a parameter or a column. A list is one parameter with a value for each row
// (RowList::encoder()).
enum class Kind { text, number, text_list, number_list };

// SQL text with the parameters :p0, :p1, ... in order, and the types of its parameters and columns.
struct Sql {
    std::string text;
    std::vector<Kind> parameters;
    std::vector<Kind> columns;

    Sql& operator<<(std::string_view more) {
        text += more;
        return *this;
    }
    // Adds a parameter and returns its name, which the caller puts into the text.
    std::string parameter(Kind kind);
};

}  // namespace sqlgrey::store
