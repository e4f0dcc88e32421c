// --man: the manual page inside the program, for machines where the page is not installed.
#pragma once

#include <string>
#include <string_view>

namespace sqlgrey::setup {

// Becomes man(1) (package man-db), which formats the page and shows it. `source`: the page as roff; `name`:
// "sqlgrey(8)". Comes back only if that fails: says so on standard error, and gives the exit status 1.
int show_manual(std::string_view source, const std::string& name);

}  // namespace sqlgrey::setup
