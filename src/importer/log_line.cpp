#include "log_line.hpp"

#include "log_time.hpp"

#include <algorithm>

namespace sqlgrey::importer {
namespace {

using namespace std::string_view_literals;

bool take(std::string_view& text, std::string_view what) {
    if (!text.starts_with(what)) return false;
    text.remove_prefix(what.size());
    return true;
}

void take_blanks(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
}

// Up to the next blank; also removes the blanks after it.
std::string_view take_word(std::string_view& text) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    take_blanks(text);
    return word;
}

// "[...]", "<...>"; the content must be short and contain no second opening bracket.
bool take_brackets(std::string_view& text, char open, char close) {
    constexpr std::size_t longest = 64;
    if (!text.starts_with(open)) return false;
    const std::size_t end = text.substr(0, longest).find(close);
    if (end == std::string_view::npos || text.rfind(open, end) != 0) return false;
    text.remove_prefix(end + 1);
    take_blanks(text);
    return true;
}

// "mail-1  | ", the prefix of docker compose.
bool take_container(std::string_view& text) {
    std::string_view rest = text;
    if (take_word(rest).empty() || !take(rest, "|")) return false;
    take_blanks(rest);
    text = rest;
    return true;
}

// "/var/log/mail.log:" or "mail.log:17:", the prefixes of grep.
bool take_file_name(std::string_view& text) {
    const std::string_view word = text.substr(0, text.find(' '));
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) return false;
    text.remove_prefix(colon + 1);
    take_blanks(text);
    return true;
}

// Bytes that a power cut (rsyslog then leaves zeros), an editor or a terminal puts in front of a line.
bool take_invisible(std::string_view& text) {
    if (take(text, "\xef\xbb\xbf")) return true;
    if (text.starts_with("\x1b["sv)) {
        text.remove_prefix(std::min(text.find('m'), text.size() - 1) + 1);
        return true;
    }
    const std::size_t visible = std::min(text.find_first_not_of(" \t\0"sv), text.size());
    text.remove_prefix(visible);
    return visible > 0;
}

bool take_prefix(std::string_view& text) {
    return take_invisible(text) || take_brackets(text, '<', '>') || take_brackets(text, '[', ']') ||
           take_container(text) || take_file_name(text);
}

// "postfix/smtpd[1201]" without the number.
std::string_view without_pid(std::string_view tag) {
    return tag.substr(0, tag.find('['));
}

// "mx postfix/smtpd[1201]: message"; the host may be missing, and a facility ("mail.info") may follow it.
LogLine tag_and_message(base::Time at, std::string_view text) {
    take_brackets(text, '<', '>');
    for (int words = 0; words < 3 && !text.empty(); ++words) {
        const std::string_view word = take_word(text);
        if (!word.ends_with(':')) continue;
        if (text.starts_with("[ID ")) take_brackets(text, '[', ']');
        return {at, without_pid(word.substr(0, word.size() - 1)), text};
    }
    return {at, {}, {}};
}

// RFC 5424: "mx postfix/smtpd 1201 - - message".
LogLine structured(base::Time at, std::string_view text) {
    take_word(text);
    const std::string_view tag = without_pid(take_word(text));
    take_word(text);
    take_word(text);
    while (text.starts_with('[')) text.remove_prefix(std::min(text.find(']'), text.size() - 1) + 1);
    take(text, "-");
    take_blanks(text);
    take(text, "\xef\xbb\xbf");
    return {at, tag, text};
}

}  // namespace

std::optional<LogLine> read_log_line(std::string_view text, base::Time latest) {
    constexpr int most_prefixes = 6;
    bool is_structured = false;
    auto at = take_time(text, latest);
    for (int i = 0; !at && i < most_prefixes; ++i) {
        const bool has_priority = text.starts_with('<');
        if (!take_prefix(text)) break;
        is_structured = has_priority && take(text, "1 ");
        at = take_time(text, latest);
    }
    if (!at) return {};
    if (is_structured) return structured(*at, text);
    // docker and Kubernetes put their own time in front of the line's.
    if (!take(text, "stdout F ")) take(text, "stderr F ");
    take_time(text, latest);
    return tag_and_message(*at, text);
}

}  // namespace sqlgrey::importer
