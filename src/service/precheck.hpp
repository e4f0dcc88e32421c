// What can be decided of a request before the database is asked.
#pragma once

#include "decision.hpp"
#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/service/rules.hpp"

namespace sqlgrey::service {

// Decides what the request itself or a list decides, and finds out for the others what the rules need (rules
// 1 to 3 of src/greylist/README.md section 2). Pure: no clock, no log, no database.
Decision precheck(const policy::PendingRequest& pending, const lists::Lists& lists, const Rules& rules);

}  // namespace sqlgrey::service
