// The table `lists`: entries of an administrator for all hosts that share the database.
#pragma once

#include "sqlgrey/lists/live_lists.hpp"
#include "sqlgrey/store/target.hpp"

#include <memory>

namespace sqlgrey::store {

// Reads the rows that have not expired and counts their hits, over a session of its own, which is opened by
// the first call and after a failure (on SQLite by each call). A call takes 10 s at most; lists::Rows says
// what it throws, and which threads may call. Several workers and hosts may count hits of the same row at
// once: none is lost. With Target::read_only it only reads, and makes no file.
std::unique_ptr<lists::Rows> list_rows(Target target);

}  // namespace sqlgrey::store
