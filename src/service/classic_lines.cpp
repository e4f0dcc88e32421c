// The log lines of SQLgrey 1.8 about a decision, byte for byte.
#include "events.hpp"
#include "sqlgrey/mail/address.hpp"

#include <initializer_list>

namespace sqlgrey::service::events {
namespace {

using greylist::Triplet;
using greylist::Verdict;
using log::Category;

// Joins without temporary strings, because each request has a line.
std::string joined(std::initializer_list<std::string_view> parts) {
    std::size_t size = 0;
    for (const std::string_view part : parts) size += part.size();
    std::string text;
    text.reserve(size);
    for (const std::string_view part : parts) text += part;
    return text;
}

// `what`, then "SRC(ADDRESS), SENDER -> RECIPIENT" and, with reply_id, the id of a deferral.
std::string way(std::string_view what, const DecisionRecord& r) {
    const Triplet& t = r.triplet;
    const std::string id = r.outcome.id.empty() ? "" : " (id " + r.outcome.id + ")";
    return joined({what, t.src, "(", r.attempt.client_address, "), ", t.sender_name, "@", t.sender_domain,
                   " -> ", t.rcpt, id});
}

std::string grey_message(const DecisionRecord& r) {
    const Triplet& t = r.triplet;
    const std::string_view address = r.attempt.client_address;
    switch (r.outcome.verdict) {
        case Verdict::domain_awl:
            return joined({"domain awl match: updating ", t.src, "(", address, "), ", t.sender_domain});
        case Verdict::from_awl:
            return joined({"from awl match: updating ", t.src, "(", address, "), ", t.deverped, "@",
                           t.sender_domain, "(", t.sender_name, "@", t.sender_domain, ")"});
        case Verdict::client_awl:
            return joined({"client awl match: updating ", t.src, "(", address, ")"});
        case Verdict::dnswl:
            return way("dnswl match: ", r);
        case Verdict::expected:
            return way("expected: ", r);
        case Verdict::message_accepted:
            return way("accepted with another recipient of the message: ", r);
        case Verdict::early_reconnect:
            return way("early reconnect: ", r);
        case Verdict::reconnect_ok:
            return way("reconnect ok: ", r) + " (" + base::hh_mm_ss(r.outcome.waited) + ")";
        case Verdict::throttled:
            return way("throttling: ", r);
        default:
            return way("new: ", r);
    }
}

void opt_line(const log::Logger& logger, std::string_view state, const Triplet& triplet) {
    if (!logger.wants(Category::optin, log::verbose)) return;
    logger.write(Category::optin, log::verbose, joined({"greylisting ", state, " for ", triplet.opt_email}));
}

bool is_known_sender(Verdict verdict) {
    return verdict == Verdict::domain_awl || verdict == Verdict::from_awl || verdict == Verdict::client_awl;
}

void promotion_lines(const log::Logger& logger, const DecisionRecord& r) {
    const Triplet& t = r.triplet;
    for (const greylist::Change& change : r.outcome.changes) {
        if (std::holds_alternative<greylist::PutFromAwl>(change))
            logger.write(Category::grey, log::normal,
                         joined({"from awl: ", t.src, ", ", t.deverped, "@", t.sender_domain, " added"}));
        if (std::holds_alternative<greylist::PutDomainAwl>(change))
            logger.write(Category::grey, log::normal,
                         joined({"domain awl: ", t.src, ", ", t.sender_domain, " added"}));
    }
}

void grey_lines(const log::Logger& logger, const DecisionRecord& r) {
    const Verdict verdict = r.outcome.verdict;
    if (verdict == Verdict::opted_out) return opt_line(logger, "inactive", r.triplet);
    if (!r.triplet.opt_email.empty()) opt_line(logger, "active", r.triplet);
    if (verdict == Verdict::unsuspicious)
        return logger.write(Category::grey, log::verbose, way("not suspicious, not greylisted: ", r));
    if (!logger.wants(Category::grey, log::normal)) return;
    logger.write(Category::grey, log::normal, grey_message(r));
    if (is_known_sender(verdict) && logger.wants(Category::grey, log::verbose))
        logger.write(Category::grey, log::verbose, way("known sender: ", r));
    if (r.outcome.sleep.count() > 0)
        logger.write(Category::grey, log::normal,
                     way("tarpit: ", r) + " (" + std::to_string(r.outcome.sleep.count()) + " s)");
    promotion_lines(logger, r);
}

// The line of SQLgrey 1.8 for a list; level `verbose` adds a line with the entry.
void list_lines(const log::Logger& logger, std::string_view what, const DecisionRecord& r) {
    if (!logger.wants(Category::whitelist, log::normal)) return;
    const policy::Attempt& a = r.attempt;
    const mail::Sender from = mail::sender(a.sender, a.recipient);
    logger.write(Category::whitelist, log::normal,
                 joined({what, from.name, "@", from.domain, ", ", a.client_address, "(", a.client_name,
                         ") -> ", mail::recipient(a.recipient)}));
    if (!r.outcome.entry || !logger.wants(Category::whitelist, log::verbose)) return;
    const lists::EntryRef& by = *r.outcome.entry;
    logger.write(Category::whitelist, log::verbose,
                 joined({"by ", text_of(by.list), ", ", by.source, by.is_row ? " row " : ":",
                         std::to_string(by.line)}));
}

void unusable_line(const log::Logger& logger, const policy::Attempt& a) {
    if (!logger.wants(Category::martians, log::normal)) return;
    logger.write_limited(
        Category::martians, log::normal,
        joined({"no decision without client_address and recipient: client_address '", a.client_address,
                "', recipient '", a.recipient, "', sender '", a.sender, "'"}));
}

void not_a_policy_request_line(const log::Logger& logger, const policy::Attempt& a) {
    logger.write_limited(Category::other, log::warning,
                         joined({"request '", a.request,
                                 "' is not smtpd_access_policy: answered dunno (logged once for this "
                                 "connection)"}));
}

}  // namespace

void write_classic(const log::Logger& logger, const DecisionRecord& record) {
    switch (record.outcome.verdict) {
        case Verdict::not_a_policy_request:
            return not_a_policy_request_line(logger, record.attempt);
        case Verdict::unusable:
            return unusable_line(logger, record.attempt);
        case Verdict::whitelisted:
            return list_lines(logger, "", record);
        case Verdict::blacklisted:
            return list_lines(logger, "blacklisted: ", record);
        case Verdict::store_unavailable:
        case Verdict::rows_locked:
            return;
        default:
            return grey_lines(logger, record);
    }
}

}  // namespace sqlgrey::service::events
