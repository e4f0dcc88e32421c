// Reading and writing rows of the tables fact and spf_network. Within a visit.
#pragma once

#include "sqlgrey/greylist/fact_store.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "store_clock.hpp"
#include "tables.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::store {

// See greylist::Store and Target::is_doubted.
std::vector<greylist::ClientFacts> read_client_facts(Session& session, const StoreClock& clock,
                                                     std::span<const greylist::FactQuestion> asked,
                                                     const std::function<bool(std::string_view)>& is_doubted);

// For each subject, in order, whether its row `asked` counts at `now`, and has this value; an empty `value`
// is any.
std::vector<bool> are_asked(Session& session, std::span<const greylist::FactSubject> subjects, base::Time now,
                            const std::string& value = {});
// Writes a row `asked` with this value for each subject that has none that counts at `now`. Of several
// sessions that do it at once the first one's value stays.
void ask_for(Session& session, std::span<const greylist::FactSubject> subjects, base::Time now,
             base::Time until, const std::string& value);
// See greylist::FactStore.
std::vector<greylist::Fact> read_facts(Session& session, std::span<const greylist::FactSubject> subjects,
                                       base::Time now);
void write_facts(Session& session, std::span<const greylist::Fact> facts);
void write_networks(Session& session, std::span<const greylist::FactStore::DomainNetworks> networks);

}  // namespace sqlgrey::store
