#include "sqlgrey/report/page.hpp"

#include "page_style.hpp"
#include "pictures.hpp"
#include "sqlgrey/report/plot.hpp"
#include "sqlgrey/report/summary.hpp"
#include "sqlgrey/report/tables.hpp"
#include "sqlgrey/report/words.hpp"
#include "table_html.hpp"

namespace sqlgrey::report {
namespace {

// Nothing is loaded and nothing runs, whatever a name in the page contains.
constexpr const char* head =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<meta name=\"robots\" content=\"noindex\">\n";

std::string period_of(const Figures& figures) {
    if (figures.first == figures.last) return long_date(figures.last);
    return long_date(figures.first) + " to " + long_date(figures.last);
}

std::string heading(const Figures& figures) {
    const std::string title = "Greylisting report, " + period_of(figures);
    std::string out = head;
    out += "<title>" + html(title) + "</title>\n<style>\n" + std::string{page_style().front().text} +
           "</style>\n</head>\n<body>\n" + plot::hatches();
    out += "<header>\n<h1>Greylisting report</h1>\n<p>" + html(period_of(figures)) + "<br>" +
           html(figures.database, 160) + ", as of " + html(moment(figures.made)) + "</p>\n</header>\n";
    return out;
}

std::string tile(const std::string& number, const std::string& what) {
    return "<li><b>" + html(number) + "</b> <span>" + html(what) + "</span></li>\n";
}

std::string wait_or_dash(const std::optional<Wait>& wait) {
    return wait ? duration(*wait) : "–";
}

std::string tiles(const Figures& figures) {
    const DayFigures total = total_of(figures);
    const std::int64_t deferred = total.of(Group::first) + total.of(Group::again);
    const std::string never_came_back =
        is_too_early(figures) ? "–" : percent(total.never_retried, total.strangers());
    return "<ul class=\"tiles\">\n" + tile(grouped(total.all_requests()), "requests") +
           tile(percent(deferred, total.all_requests()), "of them deferred") +
           tile(never_came_back, "of strangers never came back") +
           tile(wait_or_dash(percentile(total.waits, 0.5)), "median wait of honest mail") +
           tile(wait_or_dash(percentile(total.waits, 0.99)), "wait of honest mail at p99") +
           tile(grouped(total.of(Group::without_database)), "answered without the database") + "</ul>\n";
}

std::string verdict(const Figures& figures) {
    std::string out = "<p class=\"verdict\">" + html(sentence(figures), 400) + "</p>\n";
    if (figures.days.empty()) return out;
    out +=
        "<p class=\"note\">A stranger is a client, sender and recipient seen together for the first time; "
        "honest "
        "mail is what was sent again and passed.";
    if (figures.has_hashes)
        out += " With privacy_key_file the names of clients, senders and recipients are hashes.";
    return out + "</p>\n" + tiles(figures);
}

std::string section(const Table& table, const std::string& content, const char* style) {
    return "<section" + std::string{style} + ">\n<h2>" + html(table.title) + "</h2>\n" + content +
           "</section>\n";
}

std::string note(const std::string& text) {
    return text.empty() ? "" : "<p class=\"note\">" + html(text, 400) + "</p>\n";
}

// Two in a row on a wide page, or one.
constexpr const char* half = "";
constexpr const char* whole = " class=\"whole\"";

// A picture, with its numbers behind it.
std::string picture(const Table& table, const Picture& drawn, const char* style = half) {
    std::string out = note(table.note);
    if (table.rows.empty() || drawn.svg.empty()) return section(table, out, style);
    out += "<figure>\n" + drawn.svg + "\n";
    if (!drawn.legend.empty()) out += "<figcaption>" + drawn.legend + "</figcaption>\n";
    out += "</figure>\n<details>\n<summary>Numbers</summary>\n" + numbers_html(table) + "</details>\n";
    return section(table, out, style);
}

// A table without a picture. `content` is used if it has rows; `advice` comes after its note.
std::string plain(const Table& table, const std::string& content, const char* advice = "",
                  const char* style = whole) {
    if (table.rows.empty()) return section(table, note(table.note), style);
    return section(table, note(table.note + advice) + content, style);
}

std::string days(const Figures& figures) {
    if (figures.days.empty()) return {};
    const Table outages = outages_table(figures);
    std::string out = picture(requests_table(figures), requests_picture(figures)) +
                      picture(strangers_table(figures), strangers_picture(figures)) +
                      picture(waits_table(figures), waits_picture(figures)) +
                      picture(buckets_table(figures), buckets_picture(figures));
    if (is_by_weeks(figures)) out += picture(calendar_table(figures), calendar_picture(figures), whole);
    return out + picture(hosts_table(figures), hosts_picture(figures)) +
           plain(outages, numbers_html(outages), "", half) +
           picture(growth_table(figures), growth_picture(figures), whole);
}

}  // namespace

std::string page(const Figures& figures) {
    const char* advice = figures.can_allow ? " Spam is rarely sent again. If the mail of a source is wanted, "
                                             "its command lets it pass without waiting."
                                           : " Spam is rarely sent again. If the mail of a source is wanted, "
                                             "put it on a whitelist.";
    return heading(figures) + "<main>\n" + verdict(figures) + "<div class=\"grid\">\n" + days(figures) +
           plain(sources_table(figures), sources_html(figures), advice) +
           plain(pools_table(figures), pools_html(figures)) +
           (figures.facts.empty() ? "" : plain(facts_table(figures), facts_html(figures), "", half)) +
           plain(hit_entries_table(figures), hit_entries_html(figures)) +
           plain(unused_entries_table(figures), unused_entries_html(figures)) +
           "</div>\n</main>\n<footer><p>Made by sqlgreyctl report. Hold the pointer over a picture for its "
           "numbers.</p></footer>\n</body>\n</html>\n";
}

}  // namespace sqlgrey::report
