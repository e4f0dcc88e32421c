#include "events.hpp"

#include "sqlgrey/mail/address.hpp"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <string>
#include <string_view>

namespace sqlgrey::service::events {
namespace {

using greylist::Decision;
using greylist::Triplet;
using greylist::Verdict;
using log::Category;

// One text of all these: a line is made for each request, so it is made without texts between.
std::string joined(std::initializer_list<std::string_view> parts) {
    std::size_t size = 0;
    for (const std::string_view part : parts) size += part.size();
    std::string text;
    text.reserve(size);
    for (const std::string_view part : parts) text += part;
    return text;
}

std::string way(std::string_view what, const Triplet& t, std::string_view address) {
    return joined({what, t.src, "(", address, "), ", t.sender_name, "@", t.sender_domain, " -> ", t.rcpt});
}

std::string message(const Triplet& t, std::string_view address, const Decision& decision) {
    switch (decision.verdict) {
        case Verdict::domain_awl:
            return joined({"domain awl match: updating ", t.src, "(", address, "), ", t.sender_domain});
        case Verdict::from_awl:
            return joined({"from awl match: updating ", t.src, "(", address, "), ", t.deverped, "@",
                           t.sender_domain, "(", t.sender_name, "@", t.sender_domain, ")"});
        case Verdict::client_awl:
            return joined({"client awl match: updating ", t.src, "(", address, ")"});
        case Verdict::message_accepted:
            return way("accepted with another recipient of the message: ", t, address);
        case Verdict::early_reconnect:
            return way("early reconnect: ", t, address);
        case Verdict::reconnect_ok:
            return way("reconnect ok: ", t, address) + " (" + base::hh_mm_ss(decision.waited) + ")";
        case Verdict::throttled:
            return way("throttling: ", t, address);
        case Verdict::opted_out:
        case Verdict::unsuspicious:
        case Verdict::first_attempt:
            break;
    }
    return way("new: ", t, address);
}

void opted(const log::Logger& logger, const std::string& state, const Triplet& triplet) {
    if (!logger.wants(Category::optin, log::verbose)) return;
    logger.write(Category::optin, log::verbose, "greylisting " + state + " for " + triplet.opt_email);
}

// As SQLgrey 1.8 shows a mail that is in a list; by which entry is for whoever wants to know more.
void listed(const log::Logger& logger, std::string_view what, const policy::Request& request,
            const lists::EntryRef& by) {
    if (!logger.wants(Category::whitelist, log::normal)) return;
    const mail::Sender from = mail::sender(request.get("sender"), request.get("recipient"));
    logger.write(Category::whitelist, log::normal,
                 joined({what, from.name, "@", from.domain, ", ", request.get("client_address"), "(",
                         request.get("client_name"), ") -> ", mail::recipient(request.get("recipient"))}));
    if (!logger.wants(Category::whitelist, log::verbose)) return;
    logger.write(Category::whitelist, log::verbose,
                 joined({"by ", text_of(by.list), ", ", by.source, by.is_row ? " row " : ":",
                         std::to_string(by.line)}));
}

bool is_known_sender(Verdict verdict) {
    return verdict == Verdict::domain_awl || verdict == Verdict::from_awl || verdict == Verdict::client_awl;
}

// Letters and digits; anything else is not Postfix's and could be taken for the message.
bool is_queue_id(std::string_view text) {
    constexpr std::size_t longest = 32;
    const auto may_stand = [](unsigned char c) { return std::isalnum(c) != 0 && c < 0x80; };
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, may_stand);
}

}  // namespace

log::Logger about(const log::Logger& logger, const policy::Request& request, bool log_queue_id) {
    const std::string_view id = log_queue_id ? request.get("queue_id") : std::string_view{};
    return logger.with_prefix(is_queue_id(id) ? joined({id, ": "}) : std::string{});
}

void whitelisted(const log::Logger& logger, const policy::Request& request, const lists::EntryRef& by) {
    listed(logger, "", request, by);
}

void blacklisted(const log::Logger& logger, const policy::Request& request, const lists::EntryRef& by) {
    listed(logger, "blacklisted: ", request, by);
}

void decided(const log::Logger& logger, const Triplet& triplet, std::string_view client_address,
             const Decision& decision) {
    if (decision.verdict == Verdict::opted_out) return opted(logger, "inactive", triplet);
    if (!triplet.opt_email.empty()) opted(logger, "active", triplet);
    if (decision.verdict == Verdict::unsuspicious)
        return logger.write(Category::grey, log::verbose,
                            way("not suspicious, not greylisted: ", triplet, client_address));
    if (!logger.wants(Category::grey, log::normal)) return;
    logger.write(Category::grey, log::normal, message(triplet, client_address, decision));
    if (is_known_sender(decision.verdict) && logger.wants(Category::grey, log::verbose))
        logger.write(Category::grey, log::verbose, way("known sender: ", triplet, client_address));
    if (!decision.change) return;
    if (std::holds_alternative<greylist::PutFromAwl>(*decision.change))
        logger.write(Category::grey, log::normal,
                     joined({"from awl: ", triplet.src, ", ", triplet.deverped, "@", triplet.sender_domain,
                             " added"}));
    if (std::holds_alternative<greylist::PutDomainAwl>(*decision.change))
        logger.write(Category::grey, log::normal,
                     joined({"domain awl: ", triplet.src, ", ", triplet.sender_domain, " added"}));
}

void unusable(const log::Logger& logger, const policy::Request& request) {
    if (!logger.wants(Category::martians, log::normal)) return;
    logger.write_limited(Category::martians, log::normal,
                         joined({"no decision without client_address and recipient: client_address '",
                                 request.get("client_address"), "', recipient '", request.get("recipient"),
                                 "', sender '", request.get("sender"), "'"}));
}

void sender_without_domain(const log::Logger& logger, const Triplet& triplet, std::string_view sender) {
    if (sender.empty() || triplet.sender_domain != mail::undefined) return;
    logger.write(Category::martians, log::normal, "undefined domain, from is '" + std::string{sender} + "'");
}

void not_a_policy_request(const log::Logger& logger, std::string_view request) {
    logger.write_limited(Category::other, log::warning,
                         "request '" + std::string{request} +
                             "' is not smtpd_access_policy: answered dunno (told once for this connection)");
}

void malformed_lines(const log::Logger& logger, const policy::Request& request) {
    for (const std::string& line : request.malformed_lines())
        logger.write_limited(Category::other, log::warning,
                             joined({"line without '=' skipped: '", line, "'"}));
    if (request.malformed_lines_dropped() > 0)
        logger.write_limited(Category::other, log::warning,
                             std::to_string(request.malformed_lines_dropped()) +
                                 " further lines without '=' of this request skipped");
}

namespace {

std::string policy_in_words(bool pass) {
    return std::string{"mail is "} + (pass ? "let through" : "deferred");
}

}  // namespace

std::string database_unavailable(const log::Logger& logger, const std::string& why, bool pass) {
    const std::string text = "error: database unavailable: " + why + "; until it is available again, " +
                             policy_in_words(pass) + " (on_db_failure)";
    logger.write(Category::dbaccess, log::error, text);
    return text;
}

std::string database_error(const log::Logger& logger, const std::string& what, bool pass) {
    const std::string text = "error: database cannot be used: " + what + "; until it is corrected, " +
                             policy_in_words(pass) + " (on_db_failure)";
    logger.write(Category::dbaccess, log::error, text);
    return text;
}

std::string database_available(const log::Logger& logger, base::Seconds lasted, long long answered) {
    const std::string text = "database available again after " + std::to_string(lasted.count()) + " s, " +
                             std::to_string(answered) + " requests were answered without it";
    logger.write(Category::dbaccess, log::error, text);
    return text;
}

void database_warning(const log::Logger& logger, const std::string& text) {
    logger.write(Category::dbaccess, log::error, text);
}

void rows_locked(const log::Logger& logger, long long requests, bool pass) {
    logger.write(Category::dbaccess, log::warning,
                 "warning: another transaction keeps rows locked that " + std::to_string(requests) +
                     " requests need: their " + policy_in_words(pass) +
                     " (on_db_failure); end that transaction");
}

}  // namespace sqlgrey::service::events
