// A recipient embedded in the sender name, as mailing lists and BATV do.
#pragma once

#include <string>
#include <string_view>

namespace sqlgrey::mail {

// Replaces the first recipient embedded in the name by "RCPT". It may be written as lhs<sep>rhs, rhs<sep>lhs
// or lhs alone, with one of `* = . -` directly before or after; a '.' inside lhs or rhs matches any run of `.
// * -`, and <sep> is any run of `= ? * ~ .`. Time is at most the product of the two lengths, for any input.
void mask_recipient(std::string& name, std::string_view recipient);

}  // namespace sqlgrey::mail
