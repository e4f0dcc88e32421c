// The words of behaviour.md section 3.
#pragma once

#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/service/rules.hpp"

namespace sqlgrey::service {

// The reply to one decision; a pass says why in an X-Greylist header if `rules.prepend`.
policy::Reply reply_to(const greylist::Decision& decision, const Rules& rules);

// A pass without a word.
policy::Reply dunno();

// The database is away.
policy::Reply reply_without_database(const Rules& rules);

// True if the reply adds a header to the message.
bool has_header(const policy::Reply& reply);

}  // namespace sqlgrey::service
