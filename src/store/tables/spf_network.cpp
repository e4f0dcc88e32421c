// spf_network: the networks that the SPF record of a domain covers, by their first and last address. Read
// together with the facts (fact.cpp). expires_at is a number for the same reason as there.
#include "fact_rows.hpp"
#include "table_sql.hpp"

#include <map>
#include <set>

namespace sqlgrey::store {
namespace {

using greylist::AddressRange;
using DomainNetworks = greylist::FactStore::DomainNetworks;

// Parameters of each row: its columns.
Sql put_network(const Dialect& dialect, const StatementKey& key) {
    Sql sql;
    sql << "insert into spf_network";
    dialect.rows.values(
        sql, {{"domain"}, {"first_address"}, {"last_address"}, {"expires_at", Column::Is::number}}, key.rows);
    sql << dialect.words.on_conflict("domain, first_address")
        << "\n    last_address = " << dialect.words.excluded("last_address")
        << ", expires_at = " << dialect.words.excluded("expires_at");
    return sql;
}

// Parameter of each row: domain.
Sql forget_networks(const Dialect& dialect, const StatementKey& key) {
    Sql sql;
    sql << "delete from spf_network";
    dialect.rows.where(sql, "spf_network", {{"domain"}}, key.rows);
    return sql;
}

struct Row {
    std::string domain;
    AddressRange range;
    base::Time expires_at;
};

}  // namespace

// In the order of the key, which is the same for all sessions. Of a domain that comes twice the last counts.
// Two sessions that write networks of one domain at once might leave those of both, unless each has written a
// fact about the domain before, in the same transaction: then the second waits there until the first has
// ended.
void write_networks(Session& session, std::span<const DomainNetworks> networks) {
    std::map<std::string, const DomainNetworks*> each_once;
    for (const DomainNetworks& one : networks)
        each_once[greylist::storable(one.domain, mail::max_domain)] = &one;
    std::vector<std::string> domains;
    std::vector<Row> rows;
    for (const auto& [domain, one] : each_once) {
        domains.push_back(domain);
        for (const AddressRange& range : std::set(one->ranges.begin(), one->ranges.end()))
            if (rows.empty() || rows.back().domain != domain || rows.back().range.first != range.first)
                rows.push_back({domain, range, one->expires_at});
    }
    run_over(session, StatementId::forget_spf_networks, domains,
             [](Prepared& row, const std::string& domain) { row.bind(domain); });
    run_over(session, StatementId::put_spf_network, rows, [](Prepared& row, const Row& one) {
        row.bind(one.domain).bind(one.range.first).bind(one.range.last).bind(base::epoch(one.expires_at));
    });
}

const Table& spf_network_table() {
    static const Table table{
        .statements = {{StatementId::put_spf_network, "put_spf_network", Use::facts, true, put_network},
                       {StatementId::forget_spf_networks, "forget_spf_networks", Use::facts, true,
                        forget_networks},
                       {StatementId::slice_end_spf_network, "slice_end_spf_network", Use::facts, false,
                        [](const Dialect&, const StatementKey&) {
                            return slice_end_of_numbers("spf_network");
                        }},
                       {StatementId::expire_spf_network, "expire_spf_network", Use::facts, false,
                        [](const Dialect&, const StatementKey&) { return expire_by_number("spf_network"); }}},
        .parts = {},
        .changes = {}};
    return table;
}

}  // namespace sqlgrey::store
