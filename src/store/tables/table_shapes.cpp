// The tables as sqlgreyctl sees them: their columns, and which of them filters compare.
#include "administration.hpp"

#include <algorithm>

namespace sqlgrey::store {
namespace {

using Is = TableColumn::Is;
using Merge = TableColumn::Merge;

std::vector<TableShape> all_shapes() {
    const TableColumn sender_name{"sender_name", Is::text, Merge::key},
        sender_domain{"sender_domain", Is::text, Merge::key}, src{"src", Is::text, Merge::key},
        first_seen{"first_seen", Is::time, Merge::least}, last_seen{"last_seen", Is::time, Merge::greatest},
        day{"day", Is::text, Merge::key}, host{"host", Is::text, Merge::key};
    const auto opt = [](TableName table, const char* name, const char* column) {
        return TableShape{table, name, {{column, Is::text, Merge::key}}, nullptr};
    };
    return {{TableName::connect,
             "connect",
             {src, sender_domain, sender_name, {"rcpt", Is::text, Merge::key}, first_seen},
             "first_seen",
             "src",
             "sender_domain",
             "sender_name",
             "rcpt"},
            {TableName::from_awl,
             "from_awl",
             {src, sender_domain, sender_name, first_seen, last_seen},
             "last_seen",
             "src",
             "sender_domain",
             "sender_name"},
            {TableName::domain_awl,
             "domain_awl",
             {src, sender_domain, first_seen, last_seen},
             "last_seen",
             "src",
             "sender_domain"},
            {TableName::client_awl,
             "client_awl",
             {src,
              {"passes", Is::number, Merge::greatest},
              {"last_counted", Is::time, Merge::greatest},
              first_seen,
              last_seen},
             "last_seen",
             "src"},
            opt(TableName::optin_domain, "optin_domain", "domain"),
            opt(TableName::optin_email, "optin_email", "email"),
            opt(TableName::optout_domain, "optout_domain", "domain"),
            opt(TableName::optout_email, "optout_email", "email"),
            {TableName::lists,
             "lists",
             {{"list", Is::text, Merge::key},
              {"entry", Is::text, Merge::key},
              {"id", Is::number, Merge::generated},
              {"reason", Is::text, Merge::newer},
              {"added_by", Is::text, Merge::newer},
              {"added_at", Is::time, Merge::newer},
              {"expires_at", Is::optional_time, Merge::newer},
              {"hits", Is::number, Merge::greatest},
              {"last_hit", Is::optional_time, Merge::newer}},
             "added_at"},
            {TableName::expectation,
             "expectation",
             {{"rcpt", Is::text, Merge::key},
              sender_domain,
              {"expires_at", Is::seconds, Merge::newer},
              {"added_by", Is::text, Merge::newer},
              {"reason", Is::text, Merge::newer}},
             "expires_at",
             nullptr,
             "sender_domain",
             nullptr,
             "rcpt"},
            {TableName::pool,
             "pool",
             {{"member", Is::text, Merge::key},
              {"pool", Is::text, Merge::newer},
              {"evidence", Is::text, Merge::newer},
              first_seen,
              last_seen},
             "last_seen",
             "member"},
            {TableName::organisation,
             "organisation",
             {src,
              {"never_came_back", Is::number, Merge::greatest},
              {"came_back", Is::number, Merge::greatest},
              {"halved_at", Is::time, Merge::greatest},
              {"crowd", Is::number, Merge::newer}},
             nullptr,
             "src"},
            {TableName::daily,
             "daily",
             {day,
              host,
              {"name", Is::text, Merge::key},
              {"run", Is::number, Merge::key},
              {"count", Is::number, Merge::greatest}},
             nullptr},
            {TableName::daily_delay,
             "daily_delay",
             {day,
              host,
              {"up_to", Is::number, Merge::key},
              {"run", Is::number, Merge::key},
              {"count", Is::number, Merge::greatest}},
             nullptr},
            {.table = TableName::fact,
             .name = "fact",
             .columns = {{"client", Is::text, Merge::key},
                         {"domain", Is::text, Merge::key},
                         {"source", Is::text, Merge::key},
                         {"value", Is::text, Merge::newer},
                         {"expires_at", Is::seconds, Merge::newer}},
             .time = "expires_at",
             .client = "client",
             .sender_domain = "domain",
             .is_cache = true},
            {.table = TableName::spf_network,
             .name = "spf_network",
             .columns = {{"domain", Is::text, Merge::key},
                         {"first_address", Is::text, Merge::key},
                         {"last_address", Is::text, Merge::newer},
                         {"expires_at", Is::seconds, Merge::newer}},
             .time = "expires_at",
             .sender_domain = "domain",
             .is_cache = true}};
}

}  // namespace

const std::vector<TableShape>& table_shapes() {
    static const std::vector<TableShape> all = all_shapes();
    return all;
}

const TableShape& shape_of(TableName table) {
    return table_shapes().at(static_cast<std::size_t>(table));
}

std::optional<TableName> table_named(std::string_view name) {
    const auto found =
        std::ranges::find_if(table_shapes(), [&](const TableShape& one) { return name == one.name; });
    if (found == table_shapes().end()) return {};
    return found->table;
}

}  // namespace sqlgrey::store
