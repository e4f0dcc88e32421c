// sqlgreyctl optin, sqlgreyctl optout: change the tables that optmethod reads.
#include "functions.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/greylist/triplet.hpp"
#include "sqlgrey/mail/address.hpp"
#include "tables.hpp"

#include <iostream>

namespace sqlgrey::ctl {
namespace {

using store::TableName;

constexpr const char* expected = ", expected user@example.net or example.net";

struct Entry {
    TableName table;
    std::string value;
};

Entry entry_of(const std::string& typed, TableName domains, TableName addresses) {
    const std::string value = base::ascii_lower(typed.starts_with('@') ? typed.substr(1) : typed);
    const bool is_address = value.find('@') != std::string::npos;
    if (value.empty() || value.size() > mail::max_recipient || value.find(' ') != std::string::npos ||
        value.ends_with('@') || value.starts_with('@') ||
        value != greylist::storable(value, mail::max_recipient))
        throw UsageError("\"" + typed + "\" is no recipient or domain" + expected);
    return {is_address ? addresses : domains, value};
}

// Warns if the daemon does not read the tables, notes if the row would be an exception.
void tell_of_method(const Tables& tables, base::OptMethod needed, const char* word) {
    if (tables.settings.optmethod == base::OptMethod::none)
        std::cerr << "sqlgreyctl: warning: optmethod is none, so the daemon does not read these tables\n";
    else if (tables.settings.optmethod != needed)
        std::cerr << "sqlgreyctl: note: optmethod is not " << word
                  << ", so such a row is an exception from what another row says\n";
}

int change(const Invocation& invocation, TableName domains, TableName addresses, base::OptMethod needed,
           const char* word) {
    std::vector<Entry> entries;
    for (const std::string& typed : invocation.arguments)
        entries.push_back(entry_of(typed, domains, addresses));
    const bool remove = invocation.has("remove"), dry_run = invocation.has("dry-run");
    const Tables tables = open_tables(invocation, mode_of(invocation));
    tell_of_method(tables, needed, word);
    std::int64_t changed = 0;
    for (const Entry& entry : entries) {
        const store::TableRow row{entry.value};
        if (dry_run || !remove)
            ++changed;
        else
            changed += tables.rows->erase(entry.table, std::span(&row, 1));
        if (!dry_run && !remove) tables.rows->put(entry.table, std::span(&row, 1));
        if (!dry_run)
            tables.log_act((remove ? "removed from " : "") + std::string{store::shape_of(entry.table).name} +
                           ": " + entry.value);
    }
    if (changed == 0) {
        std::cerr << "sqlgreyctl: there is no such row\n";
        return nothing;
    }
    std::cerr << "sqlgreyctl: " << (dry_run ? "dry run: would have " : "") << (remove ? "removed " : "put ")
              << counted(changed, "row") << "\n";
    return done;
}

}  // namespace

int optin(const Invocation& invocation) {
    return change(invocation, TableName::optin_domain, TableName::optin_email, base::OptMethod::optin,
                  "optin");
}

int optout(const Invocation& invocation) {
    return change(invocation, TableName::optout_domain, TableName::optout_email, base::OptMethod::optout,
                  "optout");
}

}  // namespace sqlgrey::ctl
