#include "log_question.hpp"

#include "sqlgrey/mail/address.hpp"
#include "sqlgrey/net/address.hpp"

namespace sqlgrey::ctl {
namespace {

// All up to `mark`, which is taken off too; nothing if it is not there.
std::optional<std::string> take_until(std::string_view& text, std::string_view mark) {
    const std::size_t at = text.find(mark);
    if (at == std::string_view::npos) return {};
    std::string taken{text.substr(0, at)};
    text.remove_prefix(at + mark.size());
    return taken;
}

std::string_view behind(std::string_view text, std::string_view mark) {
    const std::size_t at = text.find(mark);
    return at == std::string_view::npos ? std::string_view{} : text.substr(at + mark.size());
}

// "RCPT from mx1.example.org[192.0.2.10]: 450 4.7.1 <bob@example.net>: Recipient address rejected: ...;
// from=<alice@example.org> to=<bob@example.net> proto=ESMTP helo=<mx1.example.org>"
std::optional<Question> of_postfix(std::string_view line) {
    std::string_view text = behind(line, ": RCPT from ");
    const auto name = take_until(text, "[");
    const auto address = take_until(text, "]");
    if (!name || !address || !net::parse_address(*address)) return {};
    // Behind the words of the reply, which may hold anything.
    const std::size_t addresses = text.rfind("; from=<");
    if (addresses == std::string_view::npos) return {};
    text.remove_prefix(addresses + std::string_view{"; from=<"}.size());
    const auto sender = take_until(text, "> to=<");
    const auto recipient = take_until(text, ">");
    if (!sender || !recipient) return {};
    std::string_view helo = behind(text, "helo=<");
    return MailQuestion{*address, *name, take_until(helo, ">").value_or(""), *sender, *recipient};
}

// What stands behind a recipient: " (id 7k3m9q2z)", " (00:05:01)".
std::string without_end(std::string_view recipient) {
    const std::size_t at = recipient.rfind(" (");
    if (at != std::string_view::npos && recipient.ends_with(')')) recipient = recipient.substr(0, at);
    return std::string{recipient};
}

// "SRC(ADDRESS), NAME@DOMAIN -> RECIPIENT"
std::optional<Question> of_grey(std::string_view text) {
    const auto src = take_until(text, "(");
    const auto address = take_until(text, "), ");
    if (!src || !address || !net::parse_address(*address)) return {};
    const auto name = take_until(text, "@");
    const auto domain = take_until(text, " -> ");
    if (!name || !domain || text.empty()) return {};
    return greylist::Triplet{*src, *domain, *name, {}, without_end(text)};
}

// "NAME@DOMAIN, ADDRESS(CLIENT_NAME) -> RECIPIENT"
std::optional<Question> of_whitelist(std::string_view text) {
    const auto sender = take_until(text, ", ");
    const auto address = take_until(text, "(");
    const auto name = take_until(text, ") -> ");
    if (!sender || !address || !name || !net::parse_address(*address)) return {};
    const std::string none = std::string{mail::undefined} + "@" + std::string{mail::undefined};
    return MailQuestion{*address, *name, {}, *sender == none ? "" : *sender, std::string{text}};
}

}  // namespace

std::optional<Question> question_of(std::string_view log_line) {
    while (!log_line.empty() && (log_line.back() == '\n' || log_line.back() == ' '))
        log_line.remove_suffix(1);
    if (const auto question = of_postfix(log_line)) return question;
    for (const std::string_view what :
         {"new: ", "early reconnect: ", "reconnect ok: ", "throttling: ", "expected: ", "known sender: ",
          "not suspicious, not greylisted: ", "accepted with another recipient of the message: "})
        if (const auto question = of_grey(behind(log_line, what))) return question;
    for (const std::string_view what : {"blacklisted: ", "whitelist: "})
        if (const auto question = of_whitelist(behind(log_line, what))) return question;
    return {};
}

}  // namespace sqlgrey::ctl
