// What a batch changes, as statements.
#pragma once

#include "session.hpp"
#include "sqlgrey/greylist/triplet.hpp"

#include <span>

namespace sqlgrey::store {

// Writes them, each kind by one statement or two however many there are, each row once and in the order of
// its key: two workers that lock the same rows then lock them in the same order. Within a visit of the
// session.
void write_changes(Session& session, std::span<const greylist::Change> changes);

}  // namespace sqlgrey::store
