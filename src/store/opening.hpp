// The steps between connecting and using a session. All throw greylist::StoreFailure; all but migrations take
// Target::time_limit at most.
#pragma once

#include "session.hpp"
#include "sqlgrey/store/target.hpp"
#include "wanted.hpp"

#include <memory>

namespace sqlgrey::store {

// Makes or migrates the tables if that is necessary, over a session of its own, which has no time limit.
void bring_up_to_date(Session& session, const Target& target, const base::Clock* clock,
                      const OnOpen& on_open);

// A session on tables that sqlgrey decides without, which are made in the same way if that is necessary.
// Throws greylist::StoreUnavailable if no session can be opened, for whatever reason: what keeps it from
// being opened keeps the workers from deciding too, and they report it. Throws greylist::StoreError if the
// database refuses to make the tables.
std::unique_ptr<Session> open_extra(const Target& target, Extra extra, const OnOpen& on_open = {});
void bring_up_to_date(Session& session, const Target& target, Extra extra, const OnOpen& on_open = {});

// Writes the row `sqlgrey_opened` of config, because a read-only server, a node that has lost its cluster
// and a server with a full disk accept logins. Then passes the warnings of the session to OnOpen::warning.
void prove_writable(Session& session, const Target& target, const base::Clock* clock, const OnOpen& on_open);

}  // namespace sqlgrey::store
