#include "log_question.hpp"

#include "json.hpp"
#include "sqlgrey/mail/address.hpp"
#include "sqlgrey/net/address.hpp"

#include <stdexcept>

namespace sqlgrey::ctl {
namespace {

// Cuts the text up to `mark`, and `mark` itself, off the start of `text`. Nothing if there is no `mark`.
std::optional<std::string> take_until(std::string_view& text, std::string_view mark) {
    const std::size_t at = text.find(mark);
    if (at == std::string_view::npos) return {};
    std::string taken{text.substr(0, at)};
    text.remove_prefix(at + mark.size());
    return taken;
}

std::string_view after(std::string_view text, std::string_view mark) {
    const std::size_t at = text.find(mark);
    return at == std::string_view::npos ? std::string_view{} : text.substr(at + mark.size());
}

// "RCPT from mx1.example.org[192.0.2.10]: 450 4.7.1 <bob@example.net>: Recipient address rejected: ...;
// from=<alice@example.org> to=<bob@example.net> proto=ESMTP helo=<mx1.example.org>"
std::optional<Question> of_postfix(std::string_view line) {
    std::string_view text = after(line, ": RCPT from ");
    const auto name = take_until(text, "[");
    const auto address = take_until(text, "]");
    if (!name || !address || !net::parse_address(*address)) return {};
    // The last one: the reply text before it may contain anything.
    const std::size_t addresses = text.rfind("; from=<");
    if (addresses == std::string_view::npos) return {};
    text.remove_prefix(addresses + std::string_view{"; from=<"}.size());
    const auto sender = take_until(text, "> to=<");
    const auto recipient = take_until(text, ">");
    if (!sender || !recipient) return {};
    std::string_view helo = after(text, "helo=<");
    return MailQuestion{*address, *name, take_until(helo, ">").value_or(""), *sender, *recipient};
}

// Cuts off what follows a recipient: " (id 7k3m9q2z)", " (00:05:01)".
std::string without_end(std::string_view recipient) {
    const std::size_t at = recipient.rfind(" (");
    if (at != std::string_view::npos && recipient.ends_with(')')) recipient = recipient.substr(0, at);
    return std::string{recipient};
}

// "SRC(ADDRESS), NAME@DOMAIN -> RECIPIENT". With targrey a line may be about a message with several
// recipients: then it names none.
std::optional<Question> of_grey(std::string_view text) {
    const auto src = take_until(text, "(");
    const auto address = take_until(text, "), ");
    if (!src || !address || !net::parse_address(*address)) return {};
    const auto name = take_until(text, "@");
    const auto domain = take_until(text, " -> ");
    if (!name || !domain) return {};
    const std::string recipient = without_end(text);
    if (recipient.empty()) return {};
    return greylist::Triplet{*src, *domain, *name, {}, recipient};
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

// The JSON object of log_format = json, after what syslog puts in front.
std::optional<Question> of_json(std::string_view line) {
    const std::size_t begin = line.find("{\"time\": ");
    if (begin == std::string_view::npos) return {};
    try {
        const JsonObject object = read_json_object(line.substr(begin));
        const auto text = [&](std::string_view name) {
            const auto found = object.find(name);
            const auto* value = found == object.end() ? nullptr : std::get_if<std::string>(&found->second);
            return value ? *value : std::string{};
        };
        if (!net::parse_address(text("client_address")) || text("recipient").empty()) return {};
        return MailQuestion{
            text("client_address"), text("client_name"), {}, text("sender"), text("recipient")};
    } catch (const std::invalid_argument&) {
        return {};
    }
}

// "action=greylist, reason=new, client_name=NAME, client_address=ADDRESS, sender=SENDER,
// recipient=RECIPIENT"; the empty sender is left out.
std::optional<Question> of_postgrey(std::string_view line) {
    const std::size_t action = line.find("action=");
    if (action == std::string_view::npos ||
        line.substr(0, action).find(" RCPT from ") != std::string_view::npos)
        return {};  // not postgrey's, or part of a client's text in a line of Postfix
    std::string_view text = after(line.substr(action), ", client_name=");
    const auto name = take_until(text, ", client_address=");
    const std::size_t to = text.rfind(", recipient=");
    if (!name || to == std::string_view::npos) return {};
    const std::string recipient{after(text.substr(to), ", recipient=")};
    text = text.substr(0, to);
    const std::size_t from = text.find(", sender=");
    const std::string address{text.substr(0, from)};
    if (!net::parse_address(address)) return {};
    return MailQuestion{address, *name, {}, std::string{after(text, ", sender=")}, recipient};
}

}  // namespace

std::optional<Question> question_of(std::string_view log_line) {
    while (!log_line.empty() && (log_line.back() == '\n' || log_line.back() == ' '))
        log_line.remove_suffix(1);
    for (const auto of_format : {of_json, of_postgrey, of_postfix})
        if (const auto question = of_format(log_line)) return question;
    for (const std::string_view what :
         {"new: ", "tarpit: ", "early reconnect: ", "reconnect ok: ", "throttling: ", "expected: ",
          "known sender: ", "dnswl match: ", "not suspicious, not greylisted: ",
          "accepted with another recipient of the message: "})
        if (const auto question = of_grey(after(log_line, what))) return question;
    for (const std::string_view what : {"blacklisted: ", "whitelist: "})
        if (const auto question = of_whitelist(after(log_line, what))) return question;
    return {};
}

}  // namespace sqlgrey::ctl
