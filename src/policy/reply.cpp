#include "sqlgrey/policy/reply.hpp"

#include "sqlgrey/base/control_character.hpp"
#include "sqlgrey/base/utf8.hpp"

#include <algorithm>
#include <string_view>

namespace sqlgrey::policy {

std::string encode(const Reply& reply) {
    std::string out = "action=";
    out.reserve(out.size() + reply.action.size() + 2);
    for (std::string_view rest = reply.action; !rest.empty();) {
        const std::size_t run = base::printable_ascii_run(rest);
        const std::size_t length = run > 0 ? run : base::utf8_sequence(rest);
        const std::string_view bytes = rest.substr(0, std::max<std::size_t>(length, 1));
        const bool may_stand = run > 0 || (length > 0 && !base::is_control(bytes));
        out += may_stand ? bytes : "?";
        rest.remove_prefix(bytes.size());
    }
    out += "\n\n";
    return out;
}

}  // namespace sqlgrey::policy
