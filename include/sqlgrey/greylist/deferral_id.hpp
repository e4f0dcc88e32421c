// The short id of a deferral, which a sender or user can quote to the administrator. It appears in the reply
// and in the log (reply_id); nothing is stored for it. Pure functions; any thread.
//
// Eight characters of Crockford's base32 (no i, l, o, u), 40 bits: 17 for the second of the day of the first
// attempt, 23 of a hash of the triplet and that day. So the index of `connect` on first_seen finds the row:
// it is among those of a few seconds on each of the last days, and has that hash. Among 1,000 candidates the
// chance that a wrong one matches is about 1 in 8,000. The id is no secret and grants nothing; the hash has a
// fixed key, so that all hosts make the same id. With privacy_key_file the hashed columns are hashed again.
#pragma once

#include "sqlgrey/greylist/outcome.hpp"
#include "sqlgrey/greylist/triplet.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::greylist {

// For example "7k3m9q2z"; the same for every retry while the triplet's row stays.
std::string deferral_id(const Triplet& triplet, base::Time first_attempt);

// For a first attempt or an early retry; empty for any other outcome (a throttled request has no row).
std::string deferral_id(const Triplet& triplet, const Outcome& outcome);

// Normalises an id as people write it: capitals, o for 0, i or l for 1. Nothing if it is no id.
std::optional<std::string> read_deferral_id(std::string_view text);

// The time of day (UTC) of the first attempt, less than a day. `id` is what read_deferral_id() returned.
base::Seconds time_of_day(std::string_view id);

}  // namespace sqlgrey::greylist
