// What a report says, as a value: numbers per day from the daily statistics, and what the tables hold now.
// `sqlgreyctl report` fills it in from the database; the sentence, the tables and the page are made from it,
// without a clock or a database.
//
// Names in it (sources, senders, hosts, entries) come from outside: whoever prints one escapes it.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::report {

using Date = std::chrono::sys_days;  // a day of the daemon's local time

// Verdicts that mean the same to the administrator, in the order in which a picture stacks them.
enum class Group : std::uint8_t {
    known,            // passed: an auto-whitelist
    exempt,           // passed: a whitelist, an opt-out, discrimination, an expectation
    waited,           // passed: a retry, or another recipient of such a mail
    first,            // deferred: the first attempt
    again,            // deferred: a retry that came too early, a client that is throttled
    refused,          // by a blacklist
    without_database  // answered by on_db_failure
};
inline constexpr std::size_t group_count = 7;
// The group of a verdict by its name (greylist::name); nothing for requests that are not mail, or an unknown
// name.
std::optional<Group> group_of(std::string_view verdict);
// "passed: after waiting", "waited"
std::string_view title_of(Group group);
std::string_view short_title_of(Group group);

// The tables whose growth is shown, by the names of sql/README.md.
inline constexpr std::array<std::string_view, 4> counted_tables{"connect", "from_awl", "domain_awl",
                                                                "client_awl"};

// Mails that passed after a retry, by their waits: more than the bucket before, at most `up_to`; 0 for the
// bucket beyond the last. Ascending, that one at the end.
struct WaitBucket {
    base::Seconds up_to;
    std::int64_t mails = 0;
    bool operator==(const WaitBucket&) const = default;
};
using Waits = std::vector<WaitBucket>;

// Of one day, or of several days together.
struct DayFigures {
    std::array<std::int64_t, group_count> requests{};  // one for each recipient and attempt
    std::int64_t came_back = 0;                        // first attempts that were retried and passed
    std::int64_t never_retried = 0;                    // first attempts that expired, counted when they did
    std::int64_t passed_without_database = 0, deferred_without_database = 0;
    Waits waits;
    std::array<std::optional<std::int64_t>, counted_tables.size()> rows{};  // at the end

    std::int64_t of(Group group) const { return requests[static_cast<std::size_t>(group)]; }
    std::int64_t all_requests() const;
    // Those whose fate is known.
    std::int64_t strangers() const { return came_back + never_retried; }
    // Adds a later day: sums, and its numbers of rows.
    void add(const DayFigures& later);
};
struct Day {
    Date date;
    DayFigures figures;
};

struct HostFigures {
    std::string name;
    std::int64_t requests = 0, deferred = 0, without_database = 0;
};

// A client in `connect`, counted over its newest rows.
struct Source {
    std::string src;
    std::string allow;   // the entry with which `sqlgreyctl allow --client` lets it pass; empty: none
    std::string domain;  // the sender domain of most of its rows
    std::int64_t waiting = 0, sender_domains = 0, recipients = 0;
    std::optional<base::Time> oldest;
};

struct PoolMember {
    std::string network, evidence;
};
struct Pool {
    std::string name;
    std::int64_t networks = 0, came_back = 0, never_came_back = 0;
    bool is_crowd = false;
    std::vector<PoolMember> members{};  // some of them, the newest first
};

struct ListEntry {
    std::string list, entry, reason;
    std::int64_t hits = 0;
    std::optional<base::Time> added, last_hit, expires;
};

// What is known of clients and domains (table `fact`): so many have this value.
struct FactCount {
    std::string source, value;
    std::int64_t count = 0;
};

struct Figures {
    base::Time made{};                              // by the database's clock
    std::string database{};                         // as words
    Date first, last;                               // the period
    std::optional<base::Seconds> stats_interval{};  // nothing: no daily statistics are written
    base::Seconds max_connect_age{};
    bool has_hashes = false;         // privacy_key_file: names are hashes
    bool can_allow = true;           // lists_in_database
    std::string ctl = "sqlgreyctl";  // for a shell; names the settings, unless they are the usual ones

    std::vector<Day> days{};  // those with numbers, ascending
    std::vector<HostFigures> hosts{};
    std::size_t further_hosts = 0;  // beyond those

    // Of the newest rows of `connect`; they are all of them if `counted_rows` is less than the limit.
    std::vector<Source> sources{};
    std::int64_t counted_rows = 0;
    bool counted_all = true;
    std::vector<Pool> pools{};
    std::int64_t all_pools = 0;
    std::vector<ListEntry> hit_entries{}, unused_entries{};  // most hits first; oldest first
    std::int64_t all_entries = 0, all_unused = 0;
    // By source, then the most frequent first. Of the facts that expire last; all if fewer than the limit.
    std::vector<FactCount> facts{};
    bool counted_all_facts = true;
};

// All days together.
DayFigures total_of(const Figures& figures);

// A column of a picture: a day; if the period is long seven days, or fourteen. They are counted from its end,
// so that only the first may have fewer.
struct Step {
    Date first, last;
    bool has_figures = false;
    DayFigures figures;
};
inline constexpr int most_days_by_day = 92, most_days_by_week = 280;
// From the first day with numbers to the last day of the period, without holes.
std::vector<Step> steps_of(const Figures& figures);

// The numbers of a host on a day, as the daily statistics name them: a verdict, never_retried ...
struct Count {
    Date date;
    std::string host, name;
    std::int64_t count = 0;
};
// A day needs all buckets, also those without mails, so that each begins where the one before it ends.
struct WaitCount {
    Date date;
    std::string host;
    base::Seconds up_to;
    std::int64_t mails = 0;
};
// Fills in days and hosts; hosts are those with the most requests, at most most_hosts. Leaves out what no
// daemon with a right clock has written: days before the period or after tomorrow, counts below 0 or above
// 10^12, waits of more than ten years.
inline constexpr std::size_t most_hosts = 20;
void add_daily(Figures& figures, const std::vector<Count>& counts, const std::vector<WaitCount>& waits);

}  // namespace sqlgrey::report
