// The steps between connecting and using a session. All throw greylist::StoreFailure; all but migrations take
// Target::time_limit at most.
#pragma once

#include "session.hpp"
#include "sqlgrey/store/target.hpp"

namespace sqlgrey::store {

// Makes or migrates the tables if that is necessary, over a session of its own, which has no time limit.
void bring_up_to_date(Session& session, const Target& target, const base::Clock* clock,
                      const OnOpen& on_open);

// Makes the tables of daily statistics if that is necessary, in the same way. Throws greylist::StoreError if
// the database refuses.
void bring_daily_up_to_date(Session& session, const Target& target);

// Writes the row `sqlgrey_opened` of config, because a read-only server, a node that has lost its cluster
// and a server with a full disk accept logins. Then passes the warnings of the session to OnOpen::warning.
void prove_writable(Session& session, const Target& target, const base::Clock* clock, const OnOpen& on_open);

}  // namespace sqlgrey::store
