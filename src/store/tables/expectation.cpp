// expectation: recipients to whom the first mail of a sender passes, for a while. expires_at is a number,
// because PostgreSQL's timestamps here are local time, and a local time in the future may come twice.
#include "sqlgrey/greylist/decide.hpp"
#include "table_sql.hpp"

namespace sqlgrey::store {
namespace {

// Searched for strangers only, by the key. Of the rows that fit the one that expires last counts.
void add_expires_at(LookUpQuery& query) {
    query.column(
        "(select max(e.expires_at) from expectation e\n        where e.rcpt = " + query.behind_awl("k.rcpt") +
        "\n            and (e.sender_domain = '' or e.sender_domain = k.sender_domain))");
}

void read_expires_at(LookUpRow& row, greylist::Known& known) {
    known.expected_until = row.time();
}

}  // namespace

const Table& expectation_table() {
    static const Table table{
        .statements = {{StatementId::slice_end_expectation, "slice_end_expectation", Use::cleaning, false,
                        [](const Dialect&, const StatementKey&) {
                            return slice_end_of_numbers("expectation");
                        }},
                       {StatementId::expire_expectation, "expire_expectation", Use::cleaning, false,
                        [](const Dialect&, const StatementKey&) { return expire_by_number("expectation"); }}},
        .parts = {{"expectation", nullptr, add_expires_at, read_expires_at, nullptr, {"expectation"}}},
        .changes = {}};
    return table;
}

}  // namespace sqlgrey::store
