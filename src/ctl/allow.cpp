// sqlgreyctl allow, sqlgreyctl deny: entries of the table `lists`, in force on all hosts within seconds.
#include "functions.hpp"
#include "json.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/greylist/triplet.hpp"
#include "sqlgrey/lists/list.hpp"
#include "tables.hpp"
#include "values.hpp"

#include <iostream>

namespace sqlgrey::ctl {
namespace {

using lists::ListName;
using store::TableName;

constexpr std::size_t longest_entry = 255, longest_reason = 255;

struct Wanted {
    ListName list;
    const char* option;
    std::string entry;
};

Wanted wanted_of(const Invocation& invocation,
                 std::initializer_list<std::pair<const char*, ListName>> lists) {
    std::optional<Wanted> wanted;
    std::string options;
    for (const auto& [option, list] : lists) {
        options += (options.empty() ? "--" : ", --") + std::string{option};
        const auto entry = invocation.value(option);
        if (!entry) continue;
        if (wanted)
            throw UsageError(invocation.command + ": --" + wanted->option + " and --" + option +
                             ", expected one of them");
        wanted = Wanted{list, option, *entry};
    }
    if (!wanted) throw UsageError(invocation.command + ": expected one of " + options);
    return *wanted;
}

// Prints warnings. Throws UsageError for an entry that the list would skip.
void check_entry(const Wanted& wanted) {
    lists::ListBuilder builder = lists::ListBuilder::of_rows(wanted.list);
    builder.add(wanted.entry, 1);
    const auto built = std::move(builder).build();
    const std::string name = std::string{"--"} + wanted.option + " is \"" + wanted.entry + "\"";
    for (const lists::Problem& problem : built.problems) {
        if (problem.is_error)
            throw UsageError(name + ", expected " + std::string{lists::forms_of(wanted.list)} + " (" +
                             problem.text + ")");
        std::cerr << "sqlgreyctl: warning: " << log::escape(problem.text) << "\n";
    }
    if (built.list->size() == 0 || wanted.entry.size() > longest_entry)
        throw UsageError(name + ", expected " + std::string{lists::forms_of(wanted.list)} +
                         ", 255 bytes at most");
}

std::string reason_of(const Invocation& invocation) {
    const std::string reason = invocation.value_or("reason", "");
    if (reason.size() > longest_reason)
        throw UsageError("--reason is longer than " + std::to_string(longest_reason) + " bytes");
    if (reason != greylist::storable(reason, longest_reason))
        throw UsageError("--reason is not UTF-8, or ends with a blank");
    return reason;
}

int change(const Invocation& invocation, const Wanted& wanted) {
    check_entry(wanted);
    const std::string reason = reason_of(invocation);
    const auto duration = duration_of(invocation, "for");
    const bool remove = invocation.has("remove");
    if (remove && (duration || invocation.has("reason")))
        throw UsageError("--remove takes neither --for nor --reason");
    const Tables tables = open_tables(invocation, mode_of(invocation));
    if (!tables.settings.lists_in_database)
        throw base::StartError(
            "lists_in_database is off, so the daemon does not read the table `lists`: turn it on and reload, "
            "or "
            "write the entry into a file of " +
            tables.settings.conf_dir);
    const base::Time now = tables.rows->now();
    store::TableCell expires;
    if (duration) expires = now + *duration;
    const store::TableRow row{std::string{lists::text_of(wanted.list)},
                              wanted.entry,
                              {},
                              reason,
                              tables.who.substr(0, 64),
                              now,
                              expires,
                              std::int64_t{0},
                              {}};
    std::string what = std::string{lists::text_of(wanted.list)} + ": " + wanted.entry;
    if (duration) what += " until " + rfc3339(now + *duration);
    const bool dry_run = invocation.has("dry-run");
    if (remove) {
        if (!dry_run && tables.rows->erase(TableName::lists, std::span(&row, 1)) == 0) {
            std::cerr << "sqlgreyctl: there is no such entry: " << log::escape(what) << "\n";
            return nothing;
        }
        what = "removed from " + what;
    } else if (!dry_run) {
        tables.rows->put(TableName::lists, std::span(&row, 1));
    }
    std::cerr << "sqlgreyctl: " << (dry_run ? "dry run: " : "") << log::escape(what) << "\n";
    if (!dry_run) tables.log_act(what + (reason.empty() ? "" : " (" + reason + ")"));
    return done;
}

}  // namespace

int allow(const Invocation& invocation) {
    return change(invocation, wanted_of(invocation, {{"client", ListName::whitelist_clients},
                                                     {"sender", ListName::whitelist_senders},
                                                     {"recipient", ListName::whitelist_recipients}}));
}

int deny(const Invocation& invocation) {
    return change(invocation, wanted_of(invocation, {{"client", ListName::blacklist_clients},
                                                     {"sender", ListName::blacklist_senders}}));
}

}  // namespace sqlgrey::ctl
