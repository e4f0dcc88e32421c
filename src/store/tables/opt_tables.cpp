// optin_domain, optin_email, optout_domain, optout_email: recipients who want to be greylisted, or not. The
// administrator writes them.
#include "sqlgrey/greylist/decide.hpp"
#include "tables.hpp"

namespace sqlgrey::store {
namespace {

void add_counts(LookUpQuery& query) {
    query.key("rcpt_domain");
    query.key("rcpt_email");
    for (const std::string which : {"optin_", "optout_"})
        for (const std::string what : {"domain", "email"})
            query.column("(select count(*) from " + which + what + " o where o." + what + " = k.rcpt_" +
                         what + ")");
}

void read_counts(LookUpRow& row, greylist::Known& known) {
    const auto is_there = [&] { return row.number().value_or(0) > 0; };
    known.opted.in_domain = is_there();
    known.opted.in_email = is_there();
    known.opted.out_domain = is_there();
    known.opted.out_email = is_there();
}

void bind_recipient(Prepared& row, const greylist::Triplet& triplet) {
    row.bind(triplet.opt_domain).bind(triplet.opt_email);
}

}  // namespace

const Table& opt_tables() {
    static const Table table{.statements = {},
                             .parts = {{"opted",
                                        [](const greylist::Policy& policy) {
                                            return policy.opt_method != greylist::OptMethod::none;
                                        },
                                        add_counts,
                                        read_counts,
                                        bind_recipient,
                                        {"optin_domain", "optin_email", "optout_domain", "optout_email"}}},
                             .changes = {}};
    return table;
}

}  // namespace sqlgrey::store
