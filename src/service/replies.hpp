// From outcome to reply: the words of src/greylist/README.md section 3, and those of an admin's own
// templates. Pure, but for the time zone in a date.
//
// What a client has sent stands in a reply only as printable ASCII, and no reply of ours is longer than 499
// bytes.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/outcome.hpp"
#include "sqlgrey/policy/attempt.hpp"
#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/service/rules.hpp"

namespace sqlgrey::service {

// A pass says why in a header, if `rules.prepend`. `now` is for the date in it.
policy::Reply reply_to(const greylist::Outcome& outcome, const policy::Attempt& attempt, base::Time now,
                       const Rules& rules);

}  // namespace sqlgrey::service
