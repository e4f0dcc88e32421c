// The text of a statement, with what its parameters and columns are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::store {

// Of a parameter or a column. A list is one parameter that takes a value of each row (RowList::encoder()).
enum class Kind { text, number, text_list, number_list };

// SQL text with :p0, :p1, ... in order, what each of them is, and what its columns are.
struct Sql {
    std::string text;
    std::vector<Kind> parameters;
    std::vector<Kind> columns;

    Sql& operator<<(std::string_view more) {
        text += more;
        return *this;
    }
    // Appends the next parameter and gives its name, which the caller puts into the text.
    std::string parameter(Kind kind);
};

}  // namespace sqlgrey::store
