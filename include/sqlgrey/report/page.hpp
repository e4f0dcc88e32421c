// The report as one page of HTML: no script, nothing loaded, pictures as SVG, a table behind each.
#pragma once

#include "sqlgrey/report/figures.hpp"

#include <string>

namespace sqlgrey::report {

// Under 100 kB for 400 days, about 110 kB for 92; every list in it is limited, and every name shortened.
std::string page(const Figures& figures);

}  // namespace sqlgrey::report
