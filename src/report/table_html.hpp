// Tables of the report as HTML.
#pragma once

#include "sqlgrey/report/tables.hpp"

#include <string>

namespace sqlgrey::report {

// The numbers behind a picture: a first column of names or days, then numbers.
std::string numbers_html(const Table& table);

// Things with names from outside: a line with the name and numbers, and below it what else is known. They
// have room on a telephone.
std::string sources_html(const Figures& figures);
std::string pools_html(const Figures& figures);
std::string facts_html(const Figures& figures);
std::string hit_entries_html(const Figures& figures);
std::string unused_entries_html(const Figures& figures);

}  // namespace sqlgrey::report
