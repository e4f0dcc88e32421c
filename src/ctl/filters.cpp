#include "filters.hpp"

#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/config/values.hpp"
#include "sqlgrey/greylist/limits.hpp"
#include "sqlgrey/greylist/triplet.hpp"
#include "sqlgrey/mail/address.hpp"
#include "sqlgrey/net/address.hpp"
#include "sqlgrey/net/pool.hpp"
#include "values.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <span>

#include <arpa/inet.h>

namespace sqlgrey::ctl {
namespace {

using store::TableFilter;
using store::TableName;

constexpr std::array somebody{"client", "domain", "sender", "recipient"};

std::string stored_domain(const Tables& tables, std::string_view domain) {
    const std::string plain = greylist::storable(base::ascii_lower(domain), mail::max_domain);
    return tables.privacy ? tables.privacy->of("domain", plain) : plain;
}

// `by_deverped`: the table holds deverped sender names. With privacy_key_file all tables hash the deverped
// name.
void add_sender(TableFilter& filter, const std::string& typed, const std::string& recipient,
                const Tables& tables, bool by_deverped) {
    if (typed.starts_with('@') && typed.size() > 1) {
        filter.sender_domain = stored_domain(tables, std::string_view{typed}.substr(1));
        return;
    }
    const bool is_empty = typed == "<>";
    if (!is_empty && (typed.find('@') == std::string::npos || typed.ends_with('@')))
        throw UsageError("--sender is \"" + typed + "\", expected user@example.org, @example.org or <>");
    // Deverping needs the whole recipient to find its name in the sender's.
    const bool is_whole = !recipient.empty() && !recipient.starts_with('@');
    const mail::Sender sender = mail::sender(is_empty ? "" : typed, is_whole ? recipient : "");
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

// The time of its rows is when they expire.
bool has_end(TableName table) {
    return table == TableName::expectation || table == TableName::fact || table == TableName::spf_network;
}

std::optional<base::Seconds> age_of(TableName table, const config::Settings& settings) {
    if (table == TableName::connect) return settings.max_connect_age;
    if (has_end(table)) return base::Seconds{0};
    if (table == TableName::from_awl || table == TableName::domain_awl || table == TableName::client_awl)
        return settings.awl_age;
    return {};
}

// Accepts the notations that people copy: [2001:db8::1], IPv6:2001:db8::1. For ::ffff:192.0.2.1 returns the
// IPv4 address, as Postfix does.
std::optional<net::Address> typed_address(std::string text) {
    if (text.size() > 2 && text.starts_with('[') && text.ends_with(']'))
        text = text.substr(1, text.size() - 2);
    constexpr std::string_view in_helo = "ipv6:";
    if (base::ascii_lower(text).starts_with(in_helo)) text.erase(0, in_helo.size());
    auto address = net::parse_address(text);
    constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (!address || !address->v6 ||
        !std::ranges::equal(mapped, std::span(address->bytes).first(mapped.size())))
        return address;
    net::Address v4;
    std::copy(address->bytes.begin() + mapped.size(), address->bytes.end(), v4.bytes.begin());
    return v4;
}

// In Postfix's notation.
std::string written(const net::Address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    return ::inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(), text.size());
}

// A network as in the tables: "192.0.2" for 192.0.2.0/24.
std::optional<std::string> typed_network(const std::string& client) {
    const std::size_t slash = client.find('/');
    if (slash == std::string::npos) return {};
    const auto address = net::parse_address(client.substr(0, slash));
    if (!address) return {};
    try {
        const auto length = config::read_number(client.substr(slash + 1), {1, address->v6 ? 128 : 32});
        return net::network(*address, static_cast<int>(length));
    } catch (const std::invalid_argument&) {
        return {};
    }
}

// All identities that the client may have by any greymethod.
std::vector<std::string> identities_of(const std::string& client, const config::Settings& settings) {
    std::vector<std::string> all{greylist::storable(base::ascii_lower(client), greylist::max_src)};
    const auto add = [&](const std::string& one) {
        if (std::ranges::find(all, one) == all.end()) all.push_back(one);
    };
    const auto address = typed_address(client);
    if (!address) {
        if (const auto network = typed_network(client)) add(*network);
        return all;
    }
    add(written(*address));
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

// The pool that the table `pool` has for the network of that address, as stored; empty if none or several.
std::string remembered_pool(const Tables& tables, const net::Address& address) {
    const std::string plain = net::pool_network(address);
    const std::string member =
        tables.privacy ? tables.privacy->of("network", plain) : greylist::storable(plain, greylist::max_src);
    const auto rows = tables.rows->page(TableName::pool, {.clients = {member}}, {});
    return rows.empty() ? "" : std::get<std::string>(rows.front()[1]);
}

std::string sender_domain_of(const Invocation& invocation) {
    const std::string typed =
        mail_address_of(invocation.value_or("domain", invocation.value_or("sender", "")));
    return typed.find('@') == std::string::npos ? typed : std::string{mail::domain_after_first_at(typed)};
}

// The pool of --name by the daemon's rules; empty if it is in none, and standard error says why.
std::string named_pool(const Invocation& invocation, const Tables& tables, const net::Address& address) {
    const std::string name = invocation.value_or("name", "");
    const net::PoolRules rules =
        net::read_pool_rules(tables.settings.conf_dir, tables.settings.public_suffix_list).rules;
    const net::Pool pool = net::pool_of(rules, name, address, sender_domain_of(invocation));
    if (pool.membership == net::Membership::member) return net::pool_identity(pool.organisation);
    std::cerr << "sqlgreyctl: " << log::escape(name) << " is in no pool: " << net::reason(pool.membership)
              << "\n";
    return {};
}

void add_pools(Search& search, const net::Address& address) {
    const Tables& tables = search.tables;
    const auto add = [&](const std::string& shown, const std::string& stored) {
        if (shown.empty() || std::ranges::find(search.stored, stored) != search.stored.end()) return;
        search.clients.push_back(shown);
        search.stored.push_back(stored);
        std::cerr << "sqlgreyctl: " << log::escape(*search.invocation.value("client"))
                  << " is one of the pool " << log::escape(shown) << ": rows of all its clients are meant\n";
    };
    if (search.invocation.has("name")) {
        const std::string pool = named_pool(search.invocation, tables, address);
        add(pool, tables.privacy && !pool.empty() ? net::hashed_identity(*tables.privacy, pool) : pool);
    }
    const std::string remembered = remembered_pool(tables, address);
    add(remembered, remembered);
}

}  // namespace

Search search_of(const Invocation& invocation, const Tables& tables) {
    Search search{invocation, tables};
    const auto client = invocation.value("client");
    if (client && client->empty())
        throw UsageError("--client is empty, expected an address such as 192.0.2.1 or 2001:db8::1");
    const auto address = client ? typed_address(*client) : std::nullopt;
    if (invocation.has("name") && !address)
        throw UsageError("--name: expected the address of that client too: --client 192.0.2.1");
    if (!client) return search;
    search.clients = identities_of(*client, tables.settings);
    for (const std::string& one : search.clients)
        search.stored.push_back(tables.privacy ? net::hashed_identity(*tables.privacy, one) : one);
    if (address) add_pools(search, *address);
    return search;
}

bool names_somebody(const Invocation& invocation) {
    return std::ranges::any_of(somebody, [&](const char* option) { return invocation.has(option); });
}

const char* not_of(const Invocation& invocation, TableName table) {
    const store::TableShape& shape = store::shape_of(table);
    if (invocation.has("client") && !shape.client) return "client";
    if (invocation.has("domain") && !shape.sender_domain) return "domain";
    if (invocation.has("recipient") && !shape.recipient) return "recipient";
    if (invocation.has("since") && (!shape.time || has_end(table))) return "since";
    if (!invocation.has("sender")) return nullptr;
    const bool whole = !invocation.value("sender")->starts_with('@');
    return (whole ? shape.sender_name : shape.sender_domain) ? nullptr : "sender";
}

TableFilter Search::filter(TableName table) const {
    TableFilter filter;
    filter.clients = stored;
    if (const auto domain = invocation.value("domain")) {
        if (invocation.has("sender")) throw UsageError("--domain and --sender: expected one of them");
        const std::string_view name = domain->starts_with('@') ? domain->c_str() + 1 : domain->c_str();
        if (name.empty() || name.find('@') != std::string_view::npos)
            throw UsageError("--domain is \"" + *domain + "\", expected a domain such as example.org");
        filter.sender_domain = stored_domain(tables, name);
    }
    const std::string recipient_typed = mail_address_of(invocation.value_or("recipient", ""));
    if (const auto sender = invocation.value("sender"))
        add_sender(filter, mail_address_of(*sender), recipient_typed, tables, table == TableName::from_awl);
    if (invocation.has("recipient")) add_recipient(filter, recipient_typed, tables);
    filter.since = moment_of(invocation, "since", base::SystemClock{}.now());
    return filter;
}

TableFilter Search::living_filter(TableName table) const {
    TableFilter living = filter(table);
    if (const auto age = age_of(table, tables.settings)) {
        const base::Time oldest = tables.rows->now() - *age;
        living.since = std::max(living.since.value_or(oldest), oldest);
    }
    return living;
}

std::string Search::shown() const {
    std::string text = shown_filters(invocation);
    if (clients.size() < 2) return text;
    const std::string client = "client " + *invocation.value("client");
    return text.replace(0, client.size(), client + " (as " + base::joined(clients, ", ") + ")");
}

std::string Search::hint() const {
    const bool has_pool =
        std::ranges::any_of(stored, [](const std::string& one) { return one.starts_with('@'); });
    const bool may_have = tables.settings.pools && invocation.has("client") && !invocation.has("name");
    if (has_pool || !may_have || !typed_address(*invocation.value("client"))) return {};
    return "; no pool is known of it, --name NAME finds that of its verified name";
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
