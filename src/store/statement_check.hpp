// Statements are checked when a session that will use them is opened, so that a wrong one shows at the start
// and with its name, not when it is first needed.
#pragma once

#include "session.hpp"

namespace sqlgrey::store {

// Prepares every statement of that use, and runs it over no rows where preparing does not show whether the
// user has the right (PostgreSQL). Within a visit; one or two round trips for each statement, about 30 in all
// on PostgreSQL.
void check_statements(Session& session, Use use);

}  // namespace sqlgrey::store
