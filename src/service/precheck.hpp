// What can be decided about a request without the database.
#pragma once

#include "decision.hpp"
#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/service/rules.hpp"

namespace sqlgrey::service {

// Decides by the request itself and by lists; for the others prepares what the rules need (rules 1 to 3 of
// src/greylist/README.md section 2). No clock, log or database; any thread.
Decision precheck(const policy::PendingRequest& pending, const lists::Lists& lists, const Rules& rules);

}  // namespace sqlgrey::service
