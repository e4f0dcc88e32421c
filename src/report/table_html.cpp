#include "table_html.hpp"

#include "sqlgrey/report/words.hpp"

#include <initializer_list>

namespace sqlgrey::report {
namespace {

// A name from outside: written in its own direction, whatever stands around it.
std::string isolated(const std::string& text, std::size_t most = 80) {
    return "<bdi>" + html(text, most) + "</bdi>";
}

std::string shown(const Cell& cell) {
    struct Text {
        std::string operator()(std::monostate) const { return ""; }
        std::string operator()(const std::string& text) const { return isolated(text); }
        std::string operator()(std::int64_t number) const { return grouped(number); }
        std::string operator()(bool yes) const { return yes ? "yes" : "no"; }
        std::string operator()(const Percent& share) const { return html(percent(share.part, share.whole)); }
        std::string operator()(const Wait& wait) const { return duration(wait); }
        std::string operator()(Date date) const { return iso(date); }
        std::string operator()(base::Time time) const { return moment(time); }
    };
    return std::visit(Text{}, cell);
}

std::string day_of(base::Time time) {
    return iso(std::chrono::floor<std::chrono::days>(time));
}

std::string begin_items(std::initializer_list<const char*> titles) {
    std::string out = "<table class=\"items\">\n<thead><tr>";
    for (const char* title : titles) out += std::string{"<th scope=\"col\">"} + title;
    return out + "</thead>\n";
}

// `more`: HTML; empty parts are left out.
std::string item(const std::string& name, std::initializer_list<std::string> cells,
                 std::initializer_list<std::string> more) {
    std::string out = "<tbody>\n<tr><td>" + isolated(name);
    for (const std::string& cell : cells) out += "<td>" + cell;
    out += "\n<tr><td colspan=\"" + std::to_string(cells.size() + 1) + "\" class=\"more\">";
    bool is_first = true;
    for (const std::string& part : more) {
        if (part.empty()) continue;
        out += (is_first || part.starts_with("<br>") ? "" : ", ") + part;
        is_first = false;
    }
    return out + "\n</tbody>\n";
}

std::string with_word(const char* word, const std::optional<base::Time>& time) {
    return time ? word + day_of(*time) : "";
}

std::string item(const Figures& figures, const Source& source) {
    const std::string command = allow_command(figures, source);
    return item(source.src,
                {grouped(source.waiting), grouped(source.sender_domains), grouped(source.recipients)},
                {source.domain.empty()
                     ? ""
                     : (source.sender_domains > 1 ? "most often from " : "from ") + isolated(source.domain),
                 source.oldest ? "since " + moment(*source.oldest) : "",
                 command.empty() ? "" : "<br><code>" + html(command, command.size()) + "</code>"});
}

std::string members_of(const Pool& pool) {
    std::string text;
    for (const PoolMember& member : pool.members) {
        text += (text.empty() ? "seen in " : ", ") + isolated(member.network);
        if (!member.evidence.empty()) text += " as " + isolated(member.evidence, 60);
    }
    const auto shown = static_cast<std::int64_t>(pool.members.size());
    return text + (!text.empty() && shown < pool.networks ? " and others" : "");
}

std::string reason_of(const ListEntry& entry) {
    return entry.reason.empty() ? "" : "<q>" + isolated(entry.reason, 120) + "</q>";
}

}  // namespace

std::string numbers_html(const Table& table) {
    std::string out = "<div class=\"scroll\"><table>\n<thead><tr>";
    for (const TableColumn& column : table.columns) out += "<th scope=\"col\">" + html(column.title);
    out += "</thead>\n<tbody>\n";
    for (const auto& row : table.rows) {
        out += "<tr>";
        for (const Cell& cell : row) out += "<td>" + shown(cell);
        out += '\n';
    }
    return out + "</tbody>\n</table></div>\n";
}

std::string sources_html(const Figures& figures) {
    std::string out = begin_items({"source", "waiting", "domains", "recipients"});
    for (const Source& source : figures.sources) out += item(figures, source);
    return out + "</table>\n";
}

std::string pools_html(const Figures& figures) {
    std::string out = begin_items({"pool", "networks", "came back", "never came back"});
    for (const Pool& pool : figures.pools)
        out +=
            item(pool.name, {grouped(pool.networks), grouped(pool.came_back), grouped(pool.never_came_back)},
                 {pool.is_crowd ? "a crowd: its clients do not count as one" : "", members_of(pool)});
    return out + "</table>\n";
}

std::string facts_html(const Figures& figures) {
    Table table{{}, {}, {}, {{"fact", "fact"}, {"count", "how many"}}, {}};
    for (const FactCount& one : figures.facts)
        table.rows.push_back({one.source + ": " + one.value, one.count});
    return numbers_html(table);
}

std::string hit_entries_html(const Figures& figures) {
    std::string out = begin_items({"entry", "hits"});
    for (const ListEntry& one : figures.hit_entries)
        out += item(one.entry, {grouped(one.hits)},
                    {html(one.list), with_word("last hit ", one.last_hit), with_word("expires ", one.expires),
                     reason_of(one)});
    return out + "</table>\n";
}

std::string unused_entries_html(const Figures& figures) {
    std::string out = begin_items({"entry", "added"});
    for (const ListEntry& one : figures.unused_entries)
        out += item(one.entry, {one.added ? day_of(*one.added) : ""},
                    {html(one.list), with_word("expires ", one.expires), reason_of(one)});
    return out + "</table>\n";
}

}  // namespace sqlgrey::report
