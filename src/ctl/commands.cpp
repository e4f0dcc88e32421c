// The table of commands.
#include "functions.hpp"
#include "rows.hpp"

namespace sqlgrey::ctl {
namespace {

constexpr Option dry_run{"dry-run", nullptr, "change nothing, say what would be changed"};

}  // namespace

std::span<const Command> commands() {
    static const std::vector<Command> table{
        {"explain",
         "",
         "say what would be decided about a mail now, why, and when it will pass",
         {{"client", "IP", "address of the client"},
          {"name", "NAME", "its verified name; without it the client has none"},
          {"helo", "NAME", "what it says in HELO, for discrimination"},
          {"sender", "ADDRESS", "sender of the envelope; <> for a bounce"},
          {"recipient", "ADDRESS", "recipient of the envelope"},
          {"log", "LINE", "instead of these: a reject in Postfix's log, or a line of sqlgrey's"},
          {"id", "ID", "or the id of a deferral, from its reply (reply_id) or log line"},
          format_option},
         "explain --id 7k3m9q2z",
         explain},
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
