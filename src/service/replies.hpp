// The words of behaviour.md section 3, and those of an admin's own templates. Pure, but for the time zone in
// a date.
//
// What a stranger has sent stands in a reply only as printable ASCII, and no reply is longer than 499 bytes.
#pragma once

#include "precheck.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/service/rules.hpp"

#include <string_view>

namespace sqlgrey::service {

// What the words depend on besides the decision.
struct Asked {
    std::string_view client_address;
    std::string_view recipient;  // as sent
    unsigned rule = 0;           // of discrimination.regexp, which marked the request; 0: none did
    base::Time now{};
};

// The reply to one decision. A pass says why in a header, if `rules.prepend`.
policy::Reply reply_to(const greylist::Decision& decision, const Asked& asked, const Rules& rules);

// The reply to a request that needed no decision: whitelisted, blacklisted, or nothing we can answer.
policy::Reply reply_to(const Precheck& checked, base::Time now, const Rules& rules);

// A pass without a word.
policy::Reply dunno();

// The database is unavailable.
policy::Reply reply_without_database(const Rules& rules);

// True if the reply adds a header to the message.
bool has_header(const policy::Reply& reply);

}  // namespace sqlgrey::service
