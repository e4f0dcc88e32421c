// What must be asked about one subject, and the facts that the answers make. Pure: the caller asks.
//
//     Inquiry inquiry{...};
//     for (auto step = next(inquiry, known); ; step = next(inquiry, known))
//         if Found: write it; else: ask the questions, put the answers into inquiry.answers
#pragma once

#include "sqlgrey/enrich/dns_list.hpp"
#include "sqlgrey/enrich/p0f.hpp"
#include "sqlgrey/greylist/fact_store.hpp"
#include "sqlgrey/spf/evaluate.hpp"

#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace sqlgrey::enrich {

// How long what DNS says is kept: as long as its TTL, within these bounds. Shorter ones would be asked again
// before the retry, longer ones would survive a correction.
inline constexpr base::Seconds shortest_keep{300};
inline constexpr base::Seconds longest_keep{86400};
// An answer without records has no TTL here: a client that is not listed now may be when it retries.
inline constexpr base::Seconds keep_of_nothing{900};
// A letter may come back from another host of the domain hours later, and TTLs of SPF records are often 5
// minutes. The record is asked again by its TTL all the same, and its new networks replace these.
inline constexpr base::Seconds shortest_keep_of_networks{6 * 3600};
// A client counts as asked about no longer than that, so that a list which is added to the settings is asked
// about it, too. Facts that are known are not asked again.
inline constexpr base::Seconds longest_asked{900};
// Beyond the delay that a listing or a fail causes: the retry should still find it.
inline constexpr base::Seconds keep_beyond_delay{3600};
// What could not be found out is asked again after that.
inline constexpr base::Seconds keep_of_errors{600};

// `ttl`: the shortest of all answers, nothing if none had records.
base::Seconds kept_for(std::optional<base::Seconds> ttl);

// p0f saw the connection that was just made; the next one may come from another host behind the address.
inline constexpr base::Seconds keep_of_p0f{3600};

// Lists about a client, and p0f.
struct AskLists {
    net::Address client;
    std::vector<DnsList> lists{};  // those to ask; none for a client that is not public
    // Zones of these that are tested first (test_question()): one that fails makes no fact.
    std::set<std::string> tested{};
    // True if a list that should be asked is not, because it refuses: the rest is asked again soon.
    bool some_left_out = false;
    base::Seconds keep_listed{0};  // the shortest time for a listing by a blacklist
    // p0f is asked too. Its answer is put here; without one the facts say nothing of it.
    bool asks_p0f = false;
    std::optional<Fingerprint> p0f{};
};
// Whether the client may send mail of the domain.
struct AskSpf {
    spf::Check check;
    base::Seconds keep_fail{0};  // the shortest time for a fail
};
// Which networks may.
struct AskNetworks {
    std::string domain;               // as in DNS
    std::vector<net::Address> own{};  // addresses that no honest record covers
};

struct Inquiry {
    greylist::FactSubject subject;  // as stored
    std::variant<AskLists, AskSpf, AskNetworks> about;
    net::DnsAnswers answers{};
    // Facts of the subject that are known already and are not asked about: when the first of them expires.
    std::optional<base::Time> others_expire{};
};

// The answer of a list, for counting, and for switching off one that refuses.
struct ListResult {
    std::string source;  // source_of()
    ListAnswer answer;
};

struct Found {
    std::vector<greylist::Fact> facts;  // with `asked`, which expires with the first of them
    std::optional<greylist::FactStore::DomainNetworks> networks{};
    std::vector<ListResult> lists{};
};

// What has been found out, or what must be asked before: never empty, nothing that has an answer. `now` is
// the database's. Throws only std::bad_alloc.
std::variant<Found, spf::Questions> next(const Inquiry& inquiry, base::Time now);

// At most that much of an answer is needed, however much a server sends: an SPF record, and as many addresses
// and names as SPF looks at. Bounds what is kept of 64 kB.
void shorten(net::DnsAnswer& answer, net::RecordType type);

// The domain that SPF checks for this sender, in lower case; nothing if the sender has none or DNS cannot
// have it.
std::optional<std::string> domain_of_sender(std::string_view sender);

}  // namespace sqlgrey::enrich
