#include "events.hpp"

#include "sqlgrey/mail/address.hpp"

#include <sstream>

namespace sqlgrey::service::events {
namespace {

using greylist::Decision;
using greylist::Triplet;
using greylist::Verdict;
using log::Category;

std::string client(const Triplet& t, std::string_view address) {
    return t.src + "(" + std::string{address} + ")";
}
std::string sender(const Triplet& t) {
    return t.sender_name + "@" + t.sender_domain;
}
std::string way(const Triplet& t, std::string_view address) {
    return client(t, address) + ", " + sender(t) + " -> " + t.rcpt;
}
std::string deverped(const Triplet& t) {
    return t.deverped + "@" + t.sender_domain;
}

std::string message(const Triplet& t, std::string_view address, const Decision& decision) {
    switch (decision.verdict) {
        case Verdict::domain_awl:
            return "domain awl match: updating " + client(t, address) + ", " + t.sender_domain;
        case Verdict::from_awl:
            return "from awl match: updating " + client(t, address) + ", " + deverped(t) + "(" + sender(t) +
                   ")";
        case Verdict::client_awl:
            return "client awl match: updating " + client(t, address);
        case Verdict::same_message:
            return "accepted with another recipient of the message: " + way(t, address);
        case Verdict::early_reconnect:
            return "early reconnect: " + way(t, address);
        case Verdict::reconnect_ok:
            return "reconnect ok: " + way(t, address) + " (" + base::hh_mm_ss(decision.waited) + ")";
        case Verdict::throttled:
            return "throttling: " + way(t, address);
        case Verdict::opted_out:
        case Verdict::unsuspicious:
        case Verdict::first_attempt:
            break;
    }
    return "new: " + way(t, address);
}

void opted(const log::Logger& logger, const std::string& state, const Triplet& triplet) {
    if (!logger.wants(Category::optin, log::verbose)) return;
    logger.write(Category::optin, log::verbose, "greylisting " + state + " for " + triplet.opt_email);
}

// As SQLgrey 1.8 shows a mail that is in a list; by which entry is for whoever wants to know more.
void listed(const log::Logger& logger, const std::string& what, const policy::Request& request,
            const lists::Origin& by) {
    if (!logger.wants(Category::whitelist, log::normal)) return;
    const mail::Sender from = mail::sender(request.get("sender"), request.get("recipient"));
    std::ostringstream text;
    text << what << from.name << "@" << from.domain << ", " << request.get("client_address") << "("
         << request.get("client_name") << ") -> " << mail::recipient(request.get("recipient"));
    logger.write(Category::whitelist, log::normal, text.str());
    if (!logger.wants(Category::whitelist, log::verbose)) return;
    logger.write(Category::whitelist, log::verbose,
                 "by " + std::string{text_of(by.list)} + ", " + std::string{by.source} +
                     (by.is_row ? " row " : ":") + std::to_string(by.line));
}

}  // namespace

void whitelisted(const log::Logger& logger, const policy::Request& request, const lists::Origin& by) {
    listed(logger, "", request, by);
}

void blacklisted(const log::Logger& logger, const policy::Request& request, const lists::Origin& by) {
    listed(logger, "blacklisted: ", request, by);
}

void decided(const log::Logger& logger, const Triplet& triplet, std::string_view client_address,
             const Decision& decision) {
    if (decision.verdict == Verdict::opted_out) return opted(logger, "inactive", triplet);
    if (!triplet.opt_email.empty()) opted(logger, "active", triplet);
    if (decision.verdict == Verdict::unsuspicious)
        return logger.write(Category::grey, log::verbose,
                            "not suspicious, not greylisted: " + way(triplet, client_address));
    if (!logger.wants(Category::grey, log::normal)) return;
    logger.write(Category::grey, log::normal, message(triplet, client_address, decision));
    if (!decision.change) return;
    if (std::holds_alternative<greylist::PutFromAwl>(*decision.change))
        logger.write(Category::grey, log::normal,
                     "from awl: " + triplet.src + ", " + deverped(triplet) + " added");
    if (std::holds_alternative<greylist::PutDomainAwl>(*decision.change))
        logger.write(Category::grey, log::normal,
                     "domain awl: " + triplet.src + ", " + triplet.sender_domain + " added");
}

void unusable(const log::Logger& logger, const policy::Request& request) {
    if (!logger.wants(Category::martians, log::normal)) return;
    std::ostringstream text;
    text << "no decision without client_address and recipient: client_address '"
         << request.get("client_address") << "', recipient '" << request.get("recipient") << "', sender '"
         << request.get("sender") << "'";
    logger.write(Category::martians, log::normal, text.str());
}

void odd_sender(const log::Logger& logger, const Triplet& triplet, std::string_view sender) {
    if (sender.empty() || triplet.sender_domain != mail::undefined) return;
    logger.write(Category::martians, log::normal, "undefined domain, from is '" + std::string{sender} + "'");
}

void strange_request(const log::Logger& logger, std::string_view request) {
    logger.write(Category::other, log::warning,
                 "request '" + std::string{request} +
                     "' is not smtpd_access_policy: answered dunno (told once for this connection)");
}

void junk_line(const log::Logger& logger, std::string_view line) {
    logger.write(Category::other, log::warning, "line without '=' skipped: '" + std::string{line} + "'");
}

std::string database_gone(const log::Logger& logger, const std::string& why, bool pass) {
    const std::string text = "error: the database is away: " + why + "; until it is back, mail is " +
                             (pass ? "let through" : "deferred") + " (on_db_failure)";
    logger.write(Category::dbaccess, log::error, text);
    return text;
}

std::string database_back(const log::Logger& logger, base::Seconds lasted, long long answered) {
    const std::string text = "the database is back after " + std::to_string(lasted.count()) + " s, " +
                             std::to_string(answered) + " requests were answered without it";
    logger.write(Category::dbaccess, log::error, text);
    return text;
}

}  // namespace sqlgrey::service::events
