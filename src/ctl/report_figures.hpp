// What `sqlgreyctl report` reads from the database.
#pragma once

#include "sqlgrey/report/figures.hpp"
#include "tables.hpp"

namespace sqlgrey::ctl {

// The figures of so many days, today included. How much of each table is read is limited, so that the time
// does not depend on their size. Throws greylist::StoreFailure.
report::Figures read_figures(const Tables& tables, int days);

// The entry of whitelist_clients that means this identity of a client; empty if there is none.
std::string allow_entry(const std::string& src);

}  // namespace sqlgrey::ctl
