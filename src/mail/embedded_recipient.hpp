// A recipient written into the sender name, as mailing lists and BATV do.
#pragma once

#include <string>
#include <string_view>

namespace sqlgrey::mail {

// Replaces the recipient in the name by "RCPT", first place only. The recipient may stand there
// as lhs<sep>rhs, rhs<sep>lhs or lhs alone, with one of `* = . -` right before or right after it; a '.'
// inside lhs or rhs stands as any run of `. * -`, <sep> is any run of `= ? * ~ .`.
// Time is at most the product of the two lengths, whatever they hold.
void mask_recipient(std::string& name, std::string_view recipient);

}  // namespace sqlgrey::mail
