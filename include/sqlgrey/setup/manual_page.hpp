// --man: shows the manual page that is compiled in, also where the page is not installed.
#pragma once

#include <string>
#include <string_view>

namespace sqlgrey::setup {

// Becomes man(1) (package man-db), which formats the page and shows it. `source` is the page as roff, `name`
// "sqlgrey(8)". Returns only on failure: prints a message on standard error and returns the exit status 1.
int show_manual(std::string_view source, const std::string& name);

}  // namespace sqlgrey::setup
