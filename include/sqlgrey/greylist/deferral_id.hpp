// The short name of a deferral, with which a sender or a user can ask the administrator about one mail: it
// stands in the reply and in the log (reply_id), and nothing is stored for it.
//
// Eight characters of Crockford's base32 (no i, l, o, u), 40 bits: 17 are the second of the day of the first
// attempt, 23 a hash of the triplet and that day. So the row of `connect` is found by its index on
// first_seen: of the rows of a few seconds of each of the last days those whose hash is the same. Among 1,000
// rows a wrong one has it with a probability of about 1 in 8,000. It is a name, not a secret: it gives nobody
// a right, and its hash has a fixed key, so that it is the same on all hosts. Of hashed rows
// (privacy_key_file) the hashes are hashed.
#pragma once

#include "sqlgrey/greylist/outcome.hpp"
#include "sqlgrey/greylist/triplet.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::greylist {

// "7k3m9q2z". Every retry of the same triplet has the same one, as long as its row is the same.
std::string deferral_id(const Triplet& triplet, base::Time first_attempt);

// Of a deferral whose row is in `connect`, or is made by it; empty for any other outcome. A throttled request
// has no row, and so no id.
std::string deferral_id(const Triplet& triplet, const Outcome& outcome);

// An id as people write it: capitals, o for 0, i and l for 1 are understood. Nothing: it is none.
std::optional<std::string> read_deferral_id(std::string_view text);

// The time of day (UTC) of the first attempt that an id, as read_deferral_id() gives it, is about; less than
// a day.
base::Seconds time_of_day(std::string_view id);

}  // namespace sqlgrey::greylist
