// A refusal in the words of SMTP. Private to the module.
#pragma once

#include "sqlgrey/policy/reply.hpp"

#include <string>
#include <string_view>

namespace sqlgrey::milter {

// "451 4.7.1 Greylisted for 5 minutes": three digits, an enhanced code of the same class, a text. A mail
// server ignores a reply that is not of that form, and answers with words of its own. The words of access(5)
// that let Postfix choose the code become 451 and 554.
std::string smtp_reply(const policy::Reply& reply);

// Printable ASCII on one line; everything else becomes '?'.
std::string one_line(std::string_view text);

}  // namespace sqlgrey::milter
