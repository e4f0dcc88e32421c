#include "sqlgrey/importer/mail_log.hpp"

#include "log_line.hpp"
#include "sqlgrey/base/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace sqlgrey::importer {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t most_recipients = 10;  // they matter only if the sender's name contains one
constexpr std::size_t longest_queue_id = 32;

bool is_alphanumeric(char c) {
    return base::is_digit(c) || base::is_letter(c);
}

// The queue id at the start of Postfix's messages ("4F2A1B3C: "), which is removed.
std::optional<std::string> take_queue_id(std::string_view& message) {
    const std::size_t colon = message.find(": ");
    if (colon == std::string_view::npos || colon < 5 || colon > longest_queue_id) return {};
    const std::string_view id = message.substr(0, colon);
    if (!std::ranges::all_of(id, is_alphanumeric) || id == "warning" || id == "NOQUEUE") return {};
    message.remove_prefix(colon + 2);
    return std::string{id};
}

// The tag is the syslog_name of main.cf or master.cf, a slash and the program.
bool is_postfix(std::string_view tag, std::string_view program) {
    constexpr std::array<std::string_view, 13> usual{"bounce", "cleanup",  "error",      "lmtp", "local",
                                                     "pickup", "pipe",     "postscreen", "qmgr", "smtp",
                                                     "smtpd",  "tlsproxy", "virtual"};
    if (tag.starts_with("postfix")) return true;
    return program.size() < tag.size() && std::ranges::find(usual, program) != usual.end();
}

struct Client {
    std::string name, text;
    net::Address address;
};

// "mx1.example.org[192.0.2.10]" at the start of the text.
std::optional<Client> client_at_start(std::string_view text) {
    const std::size_t open = text.find('[');
    const std::size_t close = text.find(']', open == std::string_view::npos ? 0 : open);
    if (open == std::string_view::npos || close == std::string_view::npos) return {};
    std::string_view address = text.substr(open + 1, close - open - 1);
    if (address.starts_with("IPv6:")) address.remove_prefix(5);
    const auto parsed = net::parse_address(address);
    if (!parsed) return {};
    return Client{std::string{text.substr(0, open)}, std::string{address}, *parsed};
}

bool is_this_machine(const net::Address& address) {
    if (!address.v6) return address.bytes[0] == 127;
    net::Address loopback;
    loopback.v6 = true;
    loopback.bytes[15] = 1;
    return address == loopback;
}

// The text between the first mark and the last occurrence of the second: an address from outside may contain
// it.
std::optional<std::string_view> between(std::string_view text, std::string_view begin, std::string_view end) {
    const std::size_t at = text.find(begin);
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at + begin.size());
    const std::size_t stop = text.rfind(end);
    if (stop == std::string_view::npos) return {};
    return text.substr(0, stop);
}

// Removes "name=value, " from the start of the text; for values that cannot contain a comma.
std::optional<std::string_view> take_field(std::string_view& text, std::string_view name) {
    if (!text.starts_with(name)) return {};
    const std::string_view rest = text.substr(name.size());
    const std::size_t end = std::min(rest.find(", "), rest.size());
    text = rest.substr(std::min(end + 2, rest.size()));
    return rest.substr(0, end);
}

std::optional<long long> number_in(std::string_view text) {
    long long number = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    if (result.ec != std::errc{} || number < 0) return {};
    return number;
}

}  // namespace

MailLog::MailLog(base::Time latest, Found found) : latest_(latest), found_(std::move(found)) {
}

LineKind MailLog::line(std::string_view text) {
    if (text.starts_with("-- ") || text.find_first_not_of(" \t\0"sv) == std::string_view::npos)
        return LineKind::other_program;  // "-- Boot ... --" is journalctl's
    const auto line = read_log_line(text, latest_);
    if (!line) return LineKind::not_understood;
    const std::string_view program = line->tag.substr(line->tag.rfind('/') + 1);
    if (program != "postgrey" && !is_postfix(line->tag, program)) return LineKind::other_program;
    return take(program, line->message, line->at) ? LineKind::relevant : LineKind::not_understood;
}

// False if it looks like a relevant message but cannot be understood.
bool MailLog::take(std::string_view program, std::string_view message, base::Time at) {
    if (program == "smtpd") return smtpd(message, at);
    if (program == "qmgr") return qmgr(message);
    if (program == "postgrey") return postgrey(message, at);
    recipient(message);
    return true;
}

// "4F2A1B3C: client=mx1.example.org[192.0.2.10], sasl_method=..., orig_client=..."
bool MailLog::smtpd(std::string_view message, base::Time at) {
    const auto id = take_queue_id(message);
    if (!id || !message.starts_with("client=")) return true;
    message.remove_prefix(7);
    complete(*id);  // ids are reused
    auto client = client_at_start(message);
    if (!client) return false;
    if (message.find(", sasl_") != std::string_view::npos) return true;
    // With a proxy in front of the queue, the client that talked to the proxy.
    const std::size_t original = message.find(", orig_client=");
    if (original != std::string_view::npos) client = client_at_start(message.substr(original + 14));
    if (!client) return false;
    if (is_this_machine(client->address)) return true;
    if (messages_.size() >= most_messages) complete(std::string{by_age_.front()});
    by_age_.push_back(*id);
    Message& taken = messages_[*id];
    taken.delivery = {client->address, std::move(client->text), std::move(client->name), {}, {}, at, at};
    taken.place = std::prev(by_age_.end());
    return true;
}

// "4F2A1B3C: from=<alice@example.org>, size=1234, nrcpt=1 (queue active)" and "4F2A1B3C: removed"
bool MailLog::qmgr(std::string_view message) {
    const auto id = take_queue_id(message);
    if (!id) return true;
    const auto known = messages_.find(*id);
    if (known == messages_.end()) return true;
    if (message == "removed") {
        complete(*id);
    } else if (message.starts_with("from=<")) {
        const auto sender = between(message, "from=<", ">, size=");
        if (!sender) return message.find(">, status=expired") != std::string_view::npos;
        known->second.delivery.sender = *sender;
        known->second.has_sender = true;
    }
    return true;
}

// "4F2A1B3C: to=<bob@example.net>, orig_to=<info@example.net>, relay=..., status=sent (...)"
void MailLog::recipient(std::string_view message) {
    const auto id = take_queue_id(message);
    if (!id || !message.starts_with("to=<")) return;
    const auto known = messages_.find(*id);
    if (known == messages_.end()) return;
    auto& recipients = known->second.delivery.recipients;
    if (recipients.size() >= most_recipients) return;
    const std::string_view addresses = message.substr(0, message.find(">, relay=") + 1);
    const std::string_view begin =
        addresses.find(">, orig_to=<") == std::string_view::npos ? "to=<" : "orig_to=<";
    if (const auto address = between(addresses, begin, ">")) recipients.emplace_back(*address);
}

// "action=pass, reason=triplet found, delay=312, client_name=mx1.example.org, client_address=192.0.2.10,
// sender=alice@example.org, recipient=bob@example.net"; a queue id may precede it, and an empty sender is
// left out.
bool MailLog::postgrey(std::string_view message, base::Time at) {
    if (const std::string_view all = message; !take_queue_id(message)) message = all;
    if (take_field(message, "action=") != "pass") return true;
    const auto reason = take_field(message, "reason=");
    if (reason != "triplet found" && reason != "client AWL") return true;
    const auto delay = take_field(message, "delay=");
    const auto name = take_field(message, "client_name=");
    const auto address = take_field(message, "client_address=");
    const auto client = net::parse_address(address.value_or(""));
    if (!client) return false;
    Delivery found{*client, std::string{*address}, std::string{name.value_or("unknown")}, {}, {}, at, at};
    if (delay) found.first -= base::Seconds{std::min(number_in(*delay).value_or(0), 366 * 86400LL)};
    found.client_trusted = reason == "client AWL";
    // The recipient is one of ours, but the sender may contain anything: the last mark is the right one.
    const std::size_t last = message.rfind("recipient=");
    if (last == std::string_view::npos) return false;
    found.recipients.emplace_back(message.substr(last + 10));
    if (message.starts_with("sender=") && last >= 9) found.sender = message.substr(7, last - 9);
    if (!is_this_machine(*client)) found_(found);
    return true;
}

void MailLog::complete(const std::string& queue_id) {
    const auto known = messages_.find(queue_id);
    if (known == messages_.end()) return;
    if (known->second.has_sender) found_(known->second.delivery);
    by_age_.erase(known->second.place);
    messages_.erase(known);
}

void MailLog::end() {
    while (!by_age_.empty()) complete(std::string{by_age_.front()});
}

}  // namespace sqlgrey::importer
