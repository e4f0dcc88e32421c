#include "events.hpp"

#include "sqlgrey/base/text.hpp"
#include "sqlgrey/mail/address.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace sqlgrey::service::events {
namespace {

using log::Category;

// Letters and digits only: anything else does not come from Postfix, and could pose as the message.
bool is_queue_id(std::string_view text) {
    constexpr std::size_t longest = 32;
    const auto may_stand = [](unsigned char c) { return std::isalnum(c) != 0 && c < 0x80; };
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, may_stand);
}

std::string policy_in_words(bool pass) {
    return std::string{"mail is "} + (pass ? "let through" : "deferred");
}

}  // namespace

log::Logger about(const log::Logger& logger, std::string_view queue_id, bool log_queue_id) {
    const bool shown = log_queue_id && is_queue_id(queue_id);
    return logger.with_prefix(shown ? std::string(queue_id) + ": " : std::string{});
}

void write_decision(const log::Logger& logger, const DecisionRecord& record) {
    switch (logger.format()) {
        case log::LogFormat::json:
            return write_json(logger, record);
        case log::LogFormat::postgrey:
            return write_postgrey(logger, record);
        case log::LogFormat::classic:
            return write_classic(logger, record);
    }
}

void identity(const log::Logger& logger, const policy::Attempt& attempt, std::string_view identity,
              std::string_view reason) {
    const std::string_view parts[] = {
        "identity of ", attempt.client_name, "[",   attempt.client_address, "]: ",
        identity,       ", because ",        reason};
    logger.write(Category::grey, log::verbose, base::joined(parts, ""));
}

void sender_without_domain(const log::Logger& logger, const greylist::Triplet& triplet,
                           std::string_view sender) {
    if (sender.empty() || triplet.sender_domain != mail::undefined) return;
    logger.write(Category::martians, log::normal, "undefined domain, from is '" + std::string{sender} + "'");
}

void malformed_lines(const log::Logger& logger, const policy::Request& request) {
    for (const std::string& line : request.malformed_lines())
        logger.write_limited(Category::other, log::warning, "line without '=' skipped: '" + line + "'");
    if (request.malformed_lines_dropped() > 0)
        logger.write_limited(Category::other, log::warning,
                             std::to_string(request.malformed_lines_dropped()) +
                                 " further lines without '=' of this request skipped");
}

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

std::string database_available(const log::Logger& logger, base::Seconds lasted, std::int64_t answered) {
    const std::string text = "database available again after " + std::to_string(lasted.count()) + " s, " +
                             std::to_string(answered) + " requests were answered without it";
    logger.write(Category::dbaccess, log::error, text);
    return text;
}

void database_warning(const log::Logger& logger, const std::string& text) {
    logger.write(Category::dbaccess, log::error, text);
}

void rows_locked(const log::Logger& logger, std::int64_t requests, bool pass) {
    logger.write(Category::dbaccess, log::warning,
                 "warning: another transaction keeps rows locked that " + std::to_string(requests) +
                     " requests need: their " + policy_in_words(pass) +
                     " (on_db_failure); end that transaction");
}

}  // namespace sqlgrey::service::events
