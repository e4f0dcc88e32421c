// Lists and discrimination that look at what p0f says of a client. It is known only after the second lookup,
// so they are asked again then. Pure functions.
#pragma once

#include "decision.hpp"
#include "sqlgrey/greylist/facts.hpp"
#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/policy/request.hpp"
#include "sqlgrey/service/rules.hpp"

namespace sqlgrey::service {

// True if the lists, or the rules of discrimination of which none has matched, may say something else once it
// is known what p0f says.
bool may_depend_on_p0f(const Decision& decision, const lists::Lists& lists, const Rules& rules);

// The request with the attributes that p0f gives (policy::p0f_attributes), as far as they are known.
policy::Request with_p0f(const policy::Request& request, const greylist::ClientFacts& facts);

// Asks the lists and discrimination again, with these facts; without any, `decision` is as it was before.
// `decision` must depend on p0f.
void consider_p0f(Decision& decision, const greylist::ClientFacts& facts, const Rules& rules);

}  // namespace sqlgrey::service
