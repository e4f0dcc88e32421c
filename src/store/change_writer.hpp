// Writes the changes of a batch.
#pragma once

#include "session.hpp"
#include "sqlgrey/greylist/triplet.hpp"

#include <span>

namespace sqlgrey::store {

// Writes them kind by kind, each with one statement or a few, however many changes there are. Within a visit.
void write_changes(Session& session, std::span<const greylist::Change> changes);

// True if that takes one statement, which needs no transaction. There must be a change.
bool is_one_statement(const Session& session, std::span<const greylist::Change> changes);

}  // namespace sqlgrey::store
