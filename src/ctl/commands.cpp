// The table of commands.
#include "functions.hpp"

namespace sqlgrey::ctl {
namespace {

constexpr Option dry_run{"dry-run", nullptr, "change nothing, say what would be changed"};

}  // namespace

std::span<const Command> commands() {
    static const std::vector<Command> table{
        {"import postgrey",
         "FILE...",
         "take over what postgrey knows, from db_dump's text",
         {dry_run,
          {"delay", "SECONDS", "its --delay, 300 by default: who was seen again after that has passed"},
          {"lookup-by-host", nullptr, "it kept whole addresses"},
          {"ipv4cidr", "N", "it kept networks of that length, 24 by default"},
          {"ipv6cidr", "N", "the same for IPv6, 64 by default"},
          {"auto-whitelist-clients", "N", "it trusted a client after so many, 5 by default; 0: never"}},
         "import postgrey triplets.txt clients.txt",
         import_postgrey},
        {"import maillog",
         "FILE...",
         "trust those whose mail a mail log says was accepted",
         {dry_run},
         "import maillog /var/log/mail.log*",
         import_maillog},
    };
    return table;
}

}  // namespace sqlgrey::ctl
