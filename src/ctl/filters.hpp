// The options --client (with --name), --domain, --sender, --recipient and --since as table filters.
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

// The filters of a command line, with all identities that the tables may have for --client: its address, its
// networks (by any greymethod), and its pool.
struct Search {
    const Invocation& invocation;
    const Tables& tables;
    std::vector<std::string> clients{};  // as shown to people
    std::vector<std::string> stored{};   // as in the tables: hashes with privacy_key_file

    // For a table that not_of() accepts. Throws UsageError for a value that is no address or domain.
    store::TableFilter filter(store::TableName table) const;
    // The same, without rows that have expired but have not been cleaned away yet. Throws UsageError.
    store::TableFilter living_filter(store::TableName table) const;
    // Advice for a search that found nothing, to follow the message: use --name. Often empty.
    std::string hint() const;
    // "client 192.0.2.1 (as 192.0.2.1, 192.0.2, @example.com), sender a@example.org"; empty without filters.
    std::string shown() const;
};
// Looks up the pool of an address in the table `pool`. If there is one, a line on standard error says that
// the rows of all its clients are meant. Throws UsageError for an empty client and for --name without an
// address; greylist::StoreFailure. Both arguments must outlive the search.
Search search_of(const Invocation& invocation, const Tables& tables);

// True if one of --client, --domain, --sender and --recipient is given.
bool names_somebody(const Invocation& invocation);
// The name of the first option given that the table has no column for; null if it has all.
const char* not_of(const Invocation& invocation, store::TableName table);

// "client 192.0.2.1, sender a@example.org", for the log.
std::string shown_filters(const Invocation& invocation);

// Calls `take` for all rows, a page of store::Administration::page_size at a time. Throws
// greylist::StoreFailure.
void for_each_page(store::Administration& rows, store::TableName table, const store::TableFilter& filter,
                   const std::function<void(const std::vector<store::TableRow>&)>& take);

}  // namespace sqlgrey::ctl
