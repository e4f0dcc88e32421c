// How many rows a source has, for connect_src_throttle. A source that has a domain in domain_awl is never
// throttled and may be a large provider's, so its rows are not counted.
#include "sqlgrey/greylist/decide.hpp"
#include "tables.hpp"

namespace sqlgrey::store {
namespace {

void add_counts(LookUpQuery& query) {
    query.key("counted");
    const std::string src = query.behind_awl("k.counted");
    const std::string domain = "select 1 from domain_awl s where s.src = " + src;
    query.column("(" + domain + " limit 1)");
    for (const char* table : {"connect", "from_awl"})
        query.column("case when not exists (" + domain + ")\n        then (select count(*) from " + table +
                     " s where s.src = " + src + ") end");
}

void read_counts(LookUpRow& row, greylist::Known& known) {
    known.src_domain_awl = row.number().value_or(0);
    known.src_connect = row.number().value_or(0);
    known.src_from_awl = row.number().value_or(0);
}

}  // namespace

const Table& sources() {
    static const Table table{
        .statements = {},
        .parts = {{"sources",
                   [](const greylist::Policy& policy) { return policy.connect_src_throttle > 0; },
                   add_counts,
                   read_counts,
                   bind_counted_src,
                   {},
                   true}},
        .changes = {}};
    return table;
}

}  // namespace sqlgrey::store
