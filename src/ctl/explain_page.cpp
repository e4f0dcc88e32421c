#include "explain_page.hpp"

#include "explain_words.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/log/logger.hpp"

#include <algorithm>
#include <ostream>

namespace sqlgrey::ctl {
namespace {

using greylist::Verdict;
using service::Explanation;
using service::Rules;

constexpr std::size_t text_width = 80;

// -- the steps -------------------------------------------------------------------------------

PageLine line_of(const lists::Asked& asked) {
    PageLine line{"list", std::string{lists::text_of(asked.list)}, ""};
    const std::string entries = std::to_string(asked.entries) + (asked.entries == 1 ? " entry" : " entries");
    switch (asked.answer) {
        case lists::Asked::Answer::empty:
            line.result = "empty";
            break;
        case lists::Asked::Answer::no_entry:
            line.result = "no_entry";
            line.detail = entries + ", none fits";
            break;
        case lists::Asked::Answer::not_verified:
            line.result = "not_asked";
            line.detail = "the client's name is none of the sender's domain";
            break;
        case lists::Asked::Answer::decided_earlier:
            line.result = "not_asked";
            break;
        case lists::Asked::Answer::found:
            line.result = "found";
            line.detail = std::string{asked.by->source} + (asked.by->is_row ? ", row " : ", line ") +
                          std::to_string(asked.by->line);
            break;
    }
    return line;
}

PageLine row_line(const char* table, const std::optional<greylist::Seen>& row) {
    PageLine line{"table", table, row ? "row" : "no_row"};
    if (!row) return line;
    line.first_seen = row->first;
    line.last_seen = row->last;
    return line;
}

void add_tables(Page& page, const greylist::Known& known, const Rules& rules) {
    page.lines.push_back(row_line("domain_awl", known.domain_awl));
    page.lines.push_back(row_line("from_awl", known.from_awl));
    if (rules.policy.auto_whitelist_clients > 0) {
        PageLine line{"table", "client_awl", known.client_awl ? "row" : "no_row"};
        if (known.client_awl) {
            line.last_seen = known.client_awl->last_seen;
            line.detail = std::to_string(known.client_awl->count) + " of " +
                          std::to_string(rules.policy.auto_whitelist_clients) + " passes";
        }
        page.lines.push_back(line);
    }
    if (known.expected_until) {
        PageLine expected{"table", "expectation", "row"};
        expected.detail = "expires at " + rfc3339(*known.expected_until);
        page.lines.push_back(expected);
    }
    PageLine line{"table", "connect", known.connect ? "row" : "no_row"};
    line.first_seen = known.connect;
    page.lines.push_back(line);
}

void add_fact(Page& page, const char* name, std::string result, std::string detail = {}) {
    page.lines.push_back({"fact", name, std::move(result), {}, {}, {}, {}, std::move(detail)});
}

// What is not known yet has the result "unknown".
void add_facts(Page& page, const greylist::ClientFacts& facts) {
    const std::string missing = facts.complete ? "none" : "unknown";
    const std::string not_covered = facts.complete ? "no" : "unknown";
    const bool is_listed = !facts.dnsbl_zones.empty();
    add_fact(page, "dnswl", facts.dnswl ? std::string{greylist::name_of(*facts.dnswl)} : missing,
             facts.dnswl ? "the trust of a DNS whitelist that has the client" : "");
    add_fact(page, "dnsbl", is_listed ? std::to_string(facts.dnsbl) : missing, facts.dnsbl_zones);
    add_fact(page, "spf", facts.spf ? std::string{spf::name_of(*facts.spf)} : missing);
    add_fact(page, "spf_covers", facts.spf_covers ? "yes" : not_covered);
    if (!facts.p0f_os.empty()) add_fact(page, "p0f_os", facts.p0f_os);
    if (!facts.p0f_link.empty()) add_fact(page, "p0f_link", facts.p0f_link);
    if (facts.p0f_distance) add_fact(page, "p0f_distance", std::to_string(*facts.p0f_distance));
}

// True if an observation of a rule is a time.
bool is_time(std::string_view name) {
    return name == "now" || name == "first_seen" || name == "last_seen" || name == "expected_until";
}

std::string seen_by(const greylist::RuleReport& report) {
    std::string text;
    for (const greylist::Observation& one : report.saw) {
        if (one.name == "now") continue;
        text += (text.empty() ? "" : ", ") + std::string{one.name} + " ";
        if (!one.value)
            text += "none";
        else
            text += is_time(one.name) ? rfc3339(base::at(*one.value)) : std::to_string(*one.value);
    }
    return text;
}

void add_rules(Page& page, const Explanation& found) {
    for (const greylist::RuleReport& report : found.rules) {
        const bool decides = report.rule == found.outcome.rule;
        page.lines.push_back({"rule",
                              std::string{report.rule},
                              decides ? "decides" : "next",
                              {},
                              {},
                              {},
                              {},
                              seen_by(report)});
        if (decides) return;
    }
}

// -- the decision ----------------------------------------------------------------------------

const char* fate(const Explanation& found) {
    switch (found.reply.action) {
        case policy::Action::pass:
            return "pass";
        case policy::Action::defer:
            return "defer";
        case policy::Action::reject:
        case policy::Action::discard:
        case policy::Action::hold:
            break;
    }
    return "refuse";
}

void add_decision(Page& page, const Explanation& found, const Rules& rules) {
    const std::string verdict{greylist::name(found.outcome.verdict)}, result{fate(found)};
    std::string what = result == "pass" ? "passes" : result == "defer" ? "is deferred" : "is refused";
    if (found.outcome.goes_on) what = "passes if its client waits (targrey)";
    page.summary.push_back("Sent now, it " + what + " (" + verdict + "): " + why(found, rules) + ".");
    if (const base::Seconds sleep = found.outcome.sleep; sleep.count() > 0)
        page.summary.push_back("Postfix waits " + in_words(sleep) + " with the reply (tarpit).");
    PageLine line{"decision", verdict, result};
    if (found.outcome.verdict == Verdict::early_reconnect && found.retry_passes_at) {
        const base::Time last = found.outcome.row->first + rules.policy.max_connect_age;
        page.summary.push_back("A retry passes from " + moment(*found.retry_passes_at, page.now) + " to " +
                               rfc3339(last) + ".");
        line.passes_at = found.retry_passes_at;
    }
    line.id = found.outcome.id;
    line.detail = policy::access_line(found.reply);
    if (!line.id.empty()) page.summary.push_back("Id of the deferral: " + line.id + ".");
    if (found.training) page.summary.push_back("training = on: whatever is decided, the mail passes.");
    page.lines.push_back(line);
}

// -- text ------------------------------------------------------------------------------------

// Breaks lines at blanks; all but the first are indented by `indent`.
void write_wrapped(std::ostream& out, const std::string& first, std::string_view text, std::size_t indent) {
    std::size_t column = first.size();
    out << first;
    bool at_start = true;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        if (!at_start && column + 1 + word.size() > text_width) {
            out << "\n" << std::string(indent, ' ');
            column = indent;
            at_start = true;
        }
        out << (at_start ? "" : " ") << word;
        column += word.size() + (at_start ? 0 : 1);
        at_start = false;
        text.remove_prefix(std::min(word.size() + 1, text.size()));
    }
    out << "\n";
}

std::string sentence(const PageLine& line, base::Time now) {
    std::vector<std::string> parts;
    std::string word = line.result;
    std::ranges::replace(word, '_', ' ');
    const bool says_itself = line.step == "request" || line.step == "identity" || line.result == "no_entry";
    if (!says_itself) parts.push_back(word);
    if (line.first_seen) parts.push_back("first seen " + moment(*line.first_seen, now));
    if (line.last_seen) parts.push_back("last seen " + moment(*line.last_seen, now));
    if (!line.detail.empty()) parts.push_back(line.detail);
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
    return text;
}

const char* heading_of(const std::string& step) {
    if (step == "request") return "Asked about";
    if (step == "identity") return "Identity of the client";
    if (step == "list") return "Lists, in the order in which they are asked";
    if (step == "fact") return "What is known about the client (enrich)";
    if (step == "table") return "Rows of the tables";
    if (step == "rule") return "Rules, in their order";
    return "Reply";
}

// Most lists are empty; they share one line.
std::vector<PageLine> without_empty_lists(const std::vector<PageLine>& lines) {
    std::vector<PageLine> kept;
    std::vector<std::string> empty;
    for (const PageLine& line : lines) {
        if (line.step == "list" && line.result == "empty") {
            empty.push_back(line.name);
            continue;
        }
        if (line.step != "list" && !empty.empty()) {
            kept.push_back({"list", "(empty)", "no_entry", {}, {}, {}, {}, base::joined(empty, " ")});
            empty.clear();
        }
        kept.push_back(line);
    }
    return kept;
}

void write_text(std::ostream& out, const Page& page) {
    constexpr std::size_t indent = 27;
    for (const std::string& text : page.summary) write_wrapped(out, "", log::escape(text), 2);
    for (const std::string& text : page.notes) write_wrapped(out, "Note: ", log::escape(text), 2);
    std::string step;
    for (const PageLine& line : without_empty_lists(page.lines)) {
        if (line.step != step) out << "\n" << heading_of(line.step) << "\n";
        step = line.step;
        std::string first = "  " + log::escape(line.name) + " ";
        first.resize(std::max(first.size(), indent), ' ');
        write_wrapped(out, first, log::escape(sentence(line, page.now)), indent);
    }
}

Cell text_or_nothing(const std::string& text) {
    return text.empty() ? Cell{} : Cell{text};
}
Cell time_or_nothing(const std::optional<base::Time>& time) {
    return time ? Cell{*time} : Cell{};
}

}  // namespace

Page page_of(const Explanation& found, const Rules& rules, std::vector<PageLine> asked,
             std::vector<std::string> notes) {
    Page page;
    page.now = found.facts ? found.facts->now : base::Time{};
    page.notes = std::move(notes);
    page.lines = std::move(asked);
    if (!found.src.empty())
        page.lines.push_back({"identity", found.src, "src", {}, {}, {}, {}, found.src_reason});
    for (const lists::Asked& list : found.lists) page.lines.push_back(line_of(list));
    if (found.facts) {
        const greylist::Known& known = found.facts->known.front();
        if (known.facts) add_facts(page, *known.facts);
        add_tables(page, known, rules);
    }
    add_rules(page, found);
    add_decision(page, found, rules);
    return page;
}

void write_page(std::ostream& out, const Page& page, Format format) {
    if (format == Format::text) return write_text(out, page);
    RowWriter rows(out, format,
                   {"step", "name", "result", "first_seen", "last_seen", "passes_at", "id", "detail"});
    for (const PageLine& line : page.lines)
        rows.row({line.step, text_or_nothing(line.name), text_or_nothing(line.result),
                  time_or_nothing(line.first_seen), time_or_nothing(line.last_seen),
                  time_or_nothing(line.passes_at), text_or_nothing(line.id), text_or_nothing(line.detail)});
    for (const std::string& note : page.notes) rows.row({std::string{"note"}, {}, {}, {}, {}, {}, {}, note});
}

}  // namespace sqlgrey::ctl
