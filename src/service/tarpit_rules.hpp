// Who waits in the tarpit. The state of the connection is read, so only from answer()'s thread.
#pragma once

#include "decision.hpp"
#include "sqlgrey/service/rules.hpp"

namespace sqlgrey::service {

// True if the client may be told to wait with this request: it is one of those that tarpit_when names, no
// other recipient of the message has waited, Postfix is not under stress, and it is not Exim that asks.
bool may_sleep(const Decision& decision, const Rules& rules);

// True if another recipient of the message has waited.
bool has_slept(const Decision& decision);

}  // namespace sqlgrey::service
