#include "filters.hpp"

#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/greylist/limits.hpp"
#include "sqlgrey/greylist/triplet.hpp"
#include "sqlgrey/mail/address.hpp"
#include "sqlgrey/net/address.hpp"
#include "sqlgrey/net/pool.hpp"
#include "values.hpp"

#include <algorithm>
#include <array>

namespace sqlgrey::ctl {
namespace {

using store::TableFilter;
using store::TableName;

constexpr std::array somebody{"client", "domain", "sender", "recipient"};

std::string stored_domain(const Tables& tables, std::string_view domain) {
    const std::string plain = greylist::storable(base::ascii_lower(domain), mail::max_domain);
    return tables.privacy ? tables.privacy->of("domain", plain) : plain;
}

// `by_deverped`: the table holds names with their changing parts replaced, as all do when they are hashed.
void add_sender(TableFilter& filter, const std::string& typed, const std::string& recipient,
                const Tables& tables, bool by_deverped) {
    if (typed.starts_with('@') && typed.size() > 1) {
        filter.sender_domain = stored_domain(tables, std::string_view{typed}.substr(1));
        return;
    }
    const bool is_empty = typed == "<>";
    if (!is_empty && (typed.find('@') == std::string::npos || typed.ends_with('@')))
        throw UsageError("--sender is \"" + typed + "\", expected user@example.org, @example.org or <>");
    // Which part of the name is the recipient's, only a whole recipient tells; a line end is in no name.
    const bool is_whole = !recipient.empty() && !recipient.starts_with('@');
    const mail::Sender sender = mail::sender(is_empty ? "" : typed, is_whole ? recipient : "\n");
    filter.sender_domain = stored_domain(tables, sender.domain);
    const std::string name = greylist::storable(by_deverped || tables.privacy ? sender.deverped : sender.name,
                                                mail::max_sender_name);
    filter.sender_name = name;
    if (tables.privacy)
        filter.sender_name =
            tables.privacy->of("sender", name + "@" + greylist::storable(sender.domain, mail::max_domain));
}

void add_recipient(TableFilter& filter, const std::string& typed, const Tables& tables) {
    if (typed.empty() || typed == "@")
        throw UsageError("--recipient is \"" + typed + "\", expected user@example.net or @example.net");
    if (typed.starts_with('@') && tables.privacy)
        throw UsageError("--recipient " + typed +
                         ": with privacy_key_file only whole addresses can be found, expected "
                         "user@example.net");
    if (typed.starts_with('@')) {
        filter.recipient_domain = mail::recipient(typed.substr(1));
        return;
    }
    const std::string plain = greylist::storable(mail::recipient(typed), mail::max_recipient);
    filter.recipient = tables.privacy ? tables.privacy->of("recipient", plain) : plain;
}

std::optional<base::Seconds> age_of(TableName table, const config::Settings& settings) {
    if (table == TableName::connect) return settings.max_connect_age;
    if (table == TableName::from_awl || table == TableName::domain_awl || table == TableName::client_awl)
        return settings.awl_age;
    return {};
}

}  // namespace

std::vector<std::string> identities_of(const std::string& client, const config::Settings& settings) {
    std::vector<std::string> all{greylist::storable(base::ascii_lower(client), greylist::max_src)};
    const auto add = [&](const std::string& one) {
        if (std::ranges::find(all, one) == all.end()) all.push_back(one);
    };
    const auto address = net::parse_address(client);
    if (!address) return all;
    if (address->v6) {
        add(net::expanded(*address));
        add(net::prefix64(*address));
        add(net::network(*address, static_cast<int>(settings.ipv6_prefix)));
    } else {
        add(net::class_c(*address));
        add(net::network(*address, static_cast<int>(settings.ipv4_prefix)));
    }
    return all;
}

bool names_somebody(const Invocation& invocation) {
    return std::ranges::any_of(somebody, [&](const char* option) { return invocation.has(option); });
}

const char* not_of(const Invocation& invocation, TableName table) {
    const store::TableShape& shape = store::shape_of(table);
    if (invocation.has("client") && !shape.client) return "client";
    if (invocation.has("domain") && !shape.sender_domain) return "domain";
    if (invocation.has("recipient") && !shape.recipient) return "recipient";
    if (invocation.has("since") && !shape.time) return "since";
    if (!invocation.has("sender")) return nullptr;
    const bool whole = !invocation.value("sender")->starts_with('@');
    return (whole ? shape.sender_name : shape.sender_domain) ? nullptr : "sender";
}

TableFilter filter_of(const Invocation& invocation, const Tables& tables, TableName table) {
    TableFilter filter;
    if (const auto client = invocation.value("client")) {
        if (client->empty())
            throw UsageError("--client is empty, expected an address such as 192.0.2.1 or 2001:db8::1");
        filter.clients = identities_of(*client, tables.settings);
        if (tables.privacy)
            for (std::string& one : filter.clients) one = net::hashed_identity(*tables.privacy, one);
    }
    if (const auto domain = invocation.value("domain")) {
        if (invocation.has("sender")) throw UsageError("--domain and --sender: expected one of them");
        const std::string_view name = domain->starts_with('@') ? domain->c_str() + 1 : domain->c_str();
        if (name.empty() || name.find('@') != std::string_view::npos)
            throw UsageError("--domain is \"" + *domain + "\", expected a domain such as example.org");
        filter.sender_domain = stored_domain(tables, name);
    }
    if (const auto sender = invocation.value("sender"))
        add_sender(filter, *sender, invocation.value_or("recipient", ""), tables,
                   table == TableName::from_awl);
    if (const auto recipient = invocation.value("recipient")) add_recipient(filter, *recipient, tables);
    filter.since = moment_of(invocation, "since", base::SystemClock{}.now());
    return filter;
}

TableFilter living_filter_of(const Invocation& invocation, const Tables& tables, TableName table) {
    TableFilter filter = filter_of(invocation, tables, table);
    if (const auto age = age_of(table, tables.settings)) {
        const base::Time oldest = tables.rows->now() - *age;
        filter.since = std::max(filter.since.value_or(oldest), oldest);
    }
    return filter;
}

std::string shown_filters(const Invocation& invocation) {
    std::string text;
    for (const char* option : {"client", "domain", "sender", "recipient", "since"})
        if (const auto value = invocation.value(option))
            text += (text.empty() ? "" : ", ") + std::string{option} + " " + *value;
    return text;
}

void for_each_page(store::Administration& rows, TableName table, const TableFilter& filter,
                   const std::function<void(const std::vector<store::TableRow>&)>& take) {
    std::optional<store::TableRow> behind;
    while (true) {
        const std::vector<store::TableRow> page = rows.page(table, filter, behind);
        if (!page.empty()) take(page);
        if (page.size() < store::Administration::page_size) return;
        behind = page.back();
    }
}

}  // namespace sqlgrey::ctl
