// The rows of the table about the tarpit.
#include "rows.hpp"
#include "sections.hpp"

namespace sqlgrey::config {

using std::chrono::minutes;
using std::chrono::seconds;

std::vector<Parameter> tarpit_rows() {
    return {
        // RFC 5321 section 4.5.3.2.3: a client must wait at least 5 minutes for the reply to RCPT.
        seconds_row({"tarpit", "0",
                     "How long a suspect that is deferred must wait for the reply; 0 means not at all."},
                    "s", minutes{5}, seconds{0}, &Settings::tarpit),
        choice_row({"tarpit_when", "dynamic",
                    "Who must wait: clients without a verified name or with that of a dial-up line "
                    "(dynamic), those that a rule of discrimination.regexp matches (suspicious), or all."},
                   &Settings::tarpit_when,
                   {{"dynamic", TarpitWhen::dynamic},
                    {"suspicious", TarpitWhen::suspicious},
                    {"all", TarpitWhen::all}}),
        count_row({"tarpit_clients", "20",
                   "How many clients of all workers may wait at once; others are deferred without waiting."},
                  {1, 1'000}, &Settings::tarpit_clients),
        flag_row({"targrey", "off",
                  "Accept a message whose client is still there after it has waited, instead of deferring "
                  "it."},
                 &Settings::targrey),
    };
}

}  // namespace sqlgrey::config
