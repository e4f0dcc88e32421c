// The manual page inside the program, for --man on machines where it is not installed.
#pragma once

#include <string>
#include <string_view>

namespace sqlgrey::config {

// sqlgrey(8) as plain text.
std::string manual_text();

// A page written with the few macros of man(7) that ours use (TH SH SS PP TP IP B I BR RB BI IB IR RI
// nf fi EX EE br and comments), as plain text of at most 80 columns, but for lines that may not be
// filled. Throws std::invalid_argument naming the macro or escape it does not know.
std::string plain_text(std::string_view page);

}  // namespace sqlgrey::config
