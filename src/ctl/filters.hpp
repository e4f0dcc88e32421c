// --client (with --name), --domain, --sender, --recipient and --since as filters of the tables.
#pragma once

#include "tables.hpp"

#include <vector>

namespace sqlgrey::ctl {

inline constexpr Option client_option{"client", "ADDRESS",
                                      "of this client: an address, or what the table shows"};
inline constexpr Option name_option{"name", "NAME",
                                    "its verified name: rows of its organisation's pool are found too"};
inline constexpr Option domain_option{"domain", "DOMAIN", "of senders in this domain"};
inline constexpr Option sender_option{"sender", "ADDRESS",
                                      "of this sender; @example.org: of all in it; <>: empty"};
inline constexpr Option recipient_option{"recipient", "ADDRESS",
                                         "to this recipient; @example.net: to all in it"};
inline constexpr Option since_option{"since", "TIME", "seen since then: 2h, 3d, 2026-11-27T10:00:00Z"};

// What was typed, and what the tables call the client of --client: its address and its networks, however it
// was identified, and the pool that it is one of.
struct Search {
    const Invocation& invocation;
    const Tables& tables;
    std::vector<std::string> clients{};  // for people
    std::vector<std::string> stored{};   // as the tables have them: with privacy_key_file hashes

    // Of a table that has all columns which were asked for. Throws UsageError for what is no address.
    store::TableFilter filter(store::TableName table) const;
    // Of those of its rows that still count: what has expired and is not yet cleaned away is left out.
    store::TableFilter living_filter(store::TableName table) const;
    // What else may find rows of the client, to be said where nothing was found; often empty.
    std::string hint() const;
    // "client 192.0.2.1 (as 192.0.2.1, 192.0.2, @example.com), sender a@example.org"; empty: all rows.
    std::string shown() const;
};
// Asks the table `pool` for the pool of an address, and says on standard error if there is one: rows of all
// its clients are found. Throws UsageError for an empty client, and for --name where no address stands
// beside it. Both arguments must outlive the search.
Search search_of(const Invocation& invocation, const Tables& tables);

// True if one of --client, --domain, --sender, --recipient was typed.
bool names_somebody(const Invocation& invocation);
// The first of the options that the table has no column for; null: it has all of them.
const char* not_of(const Invocation& invocation, store::TableName table);

// "client 192.0.2.1, sender a@example.org", for the log.
std::string shown_filters(const Invocation& invocation);

// Calls `take` for all rows, a page at a time.
void for_each_page(store::Administration& rows, store::TableName table, const store::TableFilter& filter,
                   const std::function<void(const std::vector<store::TableRow>&)>& take);

}  // namespace sqlgrey::ctl
