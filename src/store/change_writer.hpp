// What a batch changes, as statements.
#pragma once

#include "session.hpp"
#include "sqlgrey/greylist/triplet.hpp"

#include <span>

namespace sqlgrey::store {

// Writes them kind by kind, each by one statement or a few however many there are. Within a visit of the
// session.
void write_changes(Session& session, std::span<const greylist::Change> changes);

// True if that is one statement, and so needs no transaction around it.
bool is_one_statement(const Session& session, std::span<const greylist::Change> changes);

}  // namespace sqlgrey::store
