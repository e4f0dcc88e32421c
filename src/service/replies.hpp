// Makes the reply from an outcome: the texts of src/greylist/README.md section 3, or the administrator's own.
// Text from the client is reduced to printable ASCII; a reply of ours has at most 499 bytes. Depends on
// nothing but its arguments and, for a date, the time zone. Any thread.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/outcome.hpp"
#include "sqlgrey/policy/attempt.hpp"
#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/service/rules.hpp"

namespace sqlgrey::service {

// With `rules.prepend` a pass has a header with the reason. `now` is for its date.
policy::Reply reply_to(const greylist::Outcome& outcome, const policy::Attempt& attempt, base::Time now,
                       const Rules& rules);

}  // namespace sqlgrey::service
