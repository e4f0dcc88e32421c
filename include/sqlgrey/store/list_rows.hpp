// The table `lists`: what the admin lists for all hosts that share the database.
#pragma once

#include "sqlgrey/lists/live_lists.hpp"
#include "sqlgrey/store/sql_store.hpp"

#include <memory>

namespace sqlgrey::store {

// Its rows that have not expired, and the counts of their hits, over a session of their own: connects when it
// is first asked, and again after a failure. Each call comes back within ten seconds. Several workers and
// hosts may count hits of the same row at once: none is lost. With Target::read_only it only reads, and makes
// no file.
std::unique_ptr<lists::Rows> list_rows(Target target);

}  // namespace sqlgrey::store
