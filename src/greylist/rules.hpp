// The rules of greylisting, in the order in which they are tried; decide() describes each. Pure functions.
#pragma once

#include "sqlgrey/greylist/decide.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace sqlgrey::greylist {

// All that a rule may use.
struct Situation {
    const Triplet& triplet;
    const Known& known;
    base::Time now;
    const Policy& policy;
    const RequestFlags& flags;
};

using Answer = std::optional<Outcome>;
using Observations = std::vector<Observation>;

struct Rule {
    std::string_view name;
    Answer (*answer)(const Situation&);
    Observations (*observe)(const Situation&);  // the values `answer` depends on
};

// True if the triplet must wait for longer than reconnect_delay; see delay_of().
bool waits_longer(const Known& known, const Policy& policy);

Answer answer_opt_method(const Situation& s);
Answer answer_discrimination(const Situation& s);
Answer answer_domain_awl(const Situation& s);
Answer answer_from_awl(const Situation& s);
Answer answer_client_awl(const Situation& s);
Answer answer_dnswl(const Situation& s);
Answer answer_survived_tarpit(const Situation& s);
Answer answer_reconnect_ok(const Situation& s);
Answer answer_unproven_retries(const Situation& s);
Answer answer_expected(const Situation& s);
Answer answer_message_accepted(const Situation& s);
Answer answer_early_reconnect(const Situation& s);
Answer answer_throttled(const Situation& s);
Answer answer_first_attempt(const Situation& s);

Observations observe_opt_method(const Situation& s);
Observations observe_discrimination(const Situation& s);
Observations observe_domain_awl(const Situation& s);
Observations observe_from_awl(const Situation& s);
Observations observe_client_awl(const Situation& s);
Observations observe_dnswl(const Situation& s);
Observations observe_survived_tarpit(const Situation& s);
Observations observe_connect(const Situation& s);
Observations observe_unproven_retries(const Situation& s);
Observations observe_expected(const Situation& s);
Observations observe_message_accepted(const Situation& s);
Observations observe_source(const Situation& s);

inline constexpr std::string_view survived_tarpit = "survived_tarpit";
inline constexpr std::string_view unproven_retries = "unproven_retries";

// The last one always answers.
inline constexpr std::array rules{
    Rule{"opt_method", answer_opt_method, observe_opt_method},
    Rule{"discrimination", answer_discrimination, observe_discrimination},
    Rule{"domain_awl", answer_domain_awl, observe_domain_awl},
    Rule{"from_awl", answer_from_awl, observe_from_awl},
    Rule{"client_awl", answer_client_awl, observe_client_awl},
    Rule{"dnswl", answer_dnswl, observe_dnswl},
    Rule{survived_tarpit, answer_survived_tarpit, observe_survived_tarpit},
    Rule{"reconnect_ok", answer_reconnect_ok, observe_connect},
    Rule{unproven_retries, answer_unproven_retries, observe_unproven_retries},
    Rule{"expected", answer_expected, observe_expected},
    Rule{"message_accepted", answer_message_accepted, observe_message_accepted},
    Rule{"early_reconnect", answer_early_reconnect, observe_connect},
    Rule{"throttled", answer_throttled, observe_source},
    Rule{"first_attempt", answer_first_attempt, observe_connect},
};

}  // namespace sqlgrey::greylist
