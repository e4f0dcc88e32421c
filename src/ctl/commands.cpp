// The table of commands.
#include "command.hpp"
#include "import_maillog.hpp"
#include "import_postgrey.hpp"

namespace sqlgrey::ctl {
namespace {

constexpr std::array<Command, 2> table{{
    {{"import", "postgrey"},
     "FILE...",
     "take over what postgrey knows, from db_dump's text",
     import_postgrey_options,
     import_postgrey},
    {{"import", "maillog"},
     "FILE...",
     "trust those whose mail a mail log says was accepted",
     import_maillog_options,
     import_maillog},
}};

}  // namespace

std::span<const Command> commands() {
    return table;
}

}  // namespace sqlgrey::ctl
