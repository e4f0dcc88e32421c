// What is asked and told about unknown clients (enrich). Pure functions.
#pragma once

#include "decision.hpp"
#include "sqlgrey/enrich/stranger.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/service/rules.hpp"

#include <optional>
#include <vector>

namespace sqlgrey::service {

// The client and the sender's domain as the facts about them are stored. The attempt must have a client.
greylist::FactSubject fact_subject(const Decision& decision, const Rules& rules);
greylist::FactQuestion fact_question(const Decision& decision, const Rules& rules);

// True if a first attempt is not decided yet, but asked again soon, because facts about it are missing
// (first_contact_wait).
bool is_to_be_held(const Decision& decision, const greylist::Outcome& outcome, const Rules& rules);
// The time until it is asked again: as long as it has waited, 25 ms at least.
base::Milliseconds pause_of_held(base::Milliseconds since_arrival, base::Milliseconds first_contact_wait);

// What the resolver is told of these; nothing of those it need not ask about: clients that are known, or that
// all is known about. A decision without an outcome is held.
std::vector<enrich::Stranger> strangers_of(const std::vector<Decision>& decisions, const Rules& rules);

}  // namespace sqlgrey::service
