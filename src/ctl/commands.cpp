// The table of commands.
#include "filters.hpp"
#include "functions.hpp"
#include "rows.hpp"

namespace sqlgrey::ctl {
namespace {

constexpr Option dry_run{"dry-run", nullptr, "change nothing, say what would be changed"};
constexpr Option yes{"yes", nullptr, "do not ask"};
constexpr Option reason{"reason", "TEXT", "why, for those who read the entry later"};
constexpr Option how_long{"for", "TIME", "30d, 12h: then the entry expires; without it, it stays"};
constexpr Option remove_entry{"remove", nullptr, "take the entry out"};

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
        {"list",
         "waiting|senders|domains|clients|lists",
         "what waits, who is auto-whitelisted, what is listed in the database; the newest first",
         {client_option,
          domain_option,
          sender_option,
          recipient_option,
          since_option,
          {"limit", "N", "so many rows, 100 by default, 100000 at most"},
          {"sort", "time|client|sender|recipient", "by this; time (the newest first) by default"},
          format_option},
         "list waiting --recipient alice@example.net",
         list},
        {"release",
         "",
         "let mail that waits pass at its next attempt",
         {client_option, domain_option, sender_option, recipient_option, dry_run, format_option},
         "release --recipient alice@example.net",
         release},
        {"allow",
         "",
         "put an entry on a whitelist in the database, or take it off",
         {{"client", "ADDRESS", "an address, a network, or a host or domain with all below it"},
          {"sender", "ADDRESS", "user@example.org, @example.org or .example.org"},
          {"recipient", "ADDRESS", "user@example.net, user@ or example.net"},
          reason,
          how_long,
          remove_entry,
          dry_run},
         "allow --client 192.0.2.25 --for 30d --reason 'ticket 4711'",
         allow},
        {"deny",
         "",
         "put an entry on a blacklist in the database, or take it off",
         {{"client", "ADDRESS", "an address, a network, or a host or domain with all below it"},
          {"sender", "ADDRESS", "user@example.org, @example.org or .example.org"},
          reason,
          how_long,
          remove_entry,
          dry_run},
         "deny --sender @spam.example --for 30d",
         deny},
        {"forget",
         "",
         "delete what the tables know of a client, sender or recipient",
         {client_option, domain_option, sender_option, recipient_option, yes, dry_run, format_option},
         "forget --sender alice@example.org --dry-run",
         forget},
        {"optin",
         "RECIPIENT...",
         "put recipients or domains into the opt-in tables, or take them out",
         {remove_entry, dry_run},
         "optin alice@example.net example.com",
         optin},
        {"optout",
         "RECIPIENT...",
         "put recipients or domains into the opt-out tables, or take them out",
         {remove_entry, dry_run},
         "optout alice@example.net",
         optout},
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
