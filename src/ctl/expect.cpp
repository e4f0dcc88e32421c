// sqlgreyctl expect: for a while, first attempts to a recipient pass.
#include "functions.hpp"
#include "json.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/greylist/triplet.hpp"
#include "sqlgrey/mail/address.hpp"
#include "tables.hpp"
#include "values.hpp"

#include <iostream>

namespace sqlgrey::ctl {
namespace {

constexpr base::Seconds usual_time{std::chrono::minutes{15}};
constexpr base::Seconds longest_time{std::chrono::hours{24 * 7}};
constexpr std::size_t longest_reason = 255;  // width of the column
constexpr std::size_t longest_name = 64;

bool is_storable(const std::string& text, std::size_t limit) {
    return !text.empty() && text.find(' ') == std::string::npos && text == greylist::storable(text, limit);
}

std::string recipient_of(const std::string& typed) {
    const std::string recipient = mail::recipient(mail_address_of(typed));
    const std::size_t at = recipient.find('@');
    const bool has_both = at != std::string::npos && at > 0 && at + 1 < recipient.size();
    if (!has_both || !is_storable(recipient, mail::max_recipient))
        throw UsageError("\"" + typed + "\" is no recipient, expected user@example.net");
    return recipient;
}

// Empty for any domain.
std::string domain_of(const Invocation& invocation) {
    if (!invocation.has("from")) return {};
    const std::string typed = invocation.value_or("from", "");
    const std::string domain = base::ascii_lower(typed.starts_with('@') ? typed.substr(1) : typed);
    if (domain.find('@') != std::string::npos || !is_storable(domain, mail::max_domain))
        throw UsageError("--from is \"" + typed + "\", expected the domain of the sender: example.org");
    return domain;
}

base::Seconds time_of(const Invocation& invocation) {
    const base::Seconds time = duration_of(invocation, "for").value_or(usual_time);
    if (time > longest_time)
        throw UsageError("--for is \"" + invocation.value_or("for", "") + "\", expected 7d at most: a list " +
                         "(whitelist_recipients) is for what lasts longer");
    return time;
}

std::string hashed(const Tables& tables, const char* purpose, const std::string& text) {
    return tables.privacy && !text.empty() ? tables.privacy->of(purpose, text) : text;
}

int remove(const Tables& tables, const store::TableRow& row, const std::string& what, bool dry_run) {
    if (dry_run) {
        std::cerr << "sqlgreyctl: dry run: would no longer expect " << log::escape(what) << "\n";
        return done;
    }
    if (tables.rows->erase(store::TableName::expectation, std::span(&row, 1)) == 0) {
        std::cerr << "sqlgreyctl: nobody expects " << log::escape(what) << "\n";
        return nothing;
    }
    tables.log_act("removed " + what);
    std::cerr << "sqlgreyctl: no longer expects " << log::escape(what) << "\n";
    return done;
}

}  // namespace

int expect(const Invocation& invocation) {
    const std::string recipient = recipient_of(invocation.arguments.front());
    const std::string domain = domain_of(invocation);
    const base::Seconds time = time_of(invocation);
    const std::string reason = greylist::storable(invocation.value_or("reason", ""), longest_reason);
    const bool dry_run = invocation.has("dry-run");
    if (invocation.has("remove") && (invocation.has("for") || !reason.empty()))
        throw UsageError("--remove takes neither --for nor --reason");
    const Tables tables = open_tables(invocation, mode_of(invocation));
    const base::Time until = tables.rows->now() + time;
    const store::TableRow row{hashed(tables, "recipient", recipient), hashed(tables, "domain", domain), until,
                              greylist::storable(tables.who, longest_name), reason};
    std::string what = "mail for " + recipient + " from " + (domain.empty() ? "any domain" : domain);
    if (invocation.has("remove")) return remove(tables, row, what, dry_run);
    what += " until " + rfc3339(until);
    if (dry_run) {
        std::cerr << "sqlgreyctl: dry run: would expect " << log::escape(what) << "\n";
        return done;
    }
    tables.rows->put(store::TableName::expectation, std::span(&row, 1));
    tables.log_act(what + (reason.empty() ? "" : " (" + reason + ")"));
    std::cerr << "sqlgreyctl: expects " << log::escape(what) << "\n";
    return done;
}

}  // namespace sqlgrey::ctl
