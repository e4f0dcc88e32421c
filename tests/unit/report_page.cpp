// Pictures, and the page as a whole. How it looks is seen by tests/process/report_page.py.
#include "report_fixture.hpp"
#include "sqlgrey/report/page.hpp"
#include "sqlgrey/report/plot.hpp"

#include <algorithm>
#include <regex>

#include <catch2/catch.hpp>

using namespace sqlgrey::report;
using Catch::Contains;

namespace {

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

// The texts in the elements of that name.
std::vector<std::string> contents_of(const std::string& text, const std::string& element) {
    std::vector<std::string> found;
    const std::regex pattern("<" + element + "(?: [^>]*)?>([^<]*)</" + element + ">");
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), none; at != none; ++at)
        found.push_back((*at)[1]);
    return found;
}

const std::vector<plot::Column> three{
    {"25 Nov", "25 Nov\na 1"}, {"26 Nov", "26 Nov\na 2"}, {"27 Nov", "27 Nov\na 4"}};

}  // namespace

TEST_CASE("ticks of an axis are round, begin at 0 and reach the greatest value") {
    CHECK(plot::ticks(0) == std::vector<double>{0, 1});
    CHECK(plot::ticks(3) == std::vector<double>{0, 1, 2, 3});
    CHECK(plot::ticks(40) == std::vector<double>{0, 10, 20, 30, 40});
    CHECK(plot::ticks(41) == std::vector<double>{0, 20, 40, 60});
    for (const double most : {1.0, 7.0, 99.0, 1'234.0, 56'789.0, 9'999'999.0, 1e12}) {
        const auto ticks = plot::ticks(most);
        CHECK(ticks.back() >= most);
        CHECK(ticks.size() >= 2);
        CHECK(ticks.size() <= 6);
    }
}

TEST_CASE("areas stand on each other, and each is flat within its column") {
    const std::string svg = plot::stacked("Mails", three, {{"a", "s0", {1, 2, 4}}, {"b", "s1", {1, 0, {}}}});
    CHECK_THAT(svg, Contains("viewBox=\"0 0 480 218\" role=\"img\" aria-label=\"Mails\""));
    // The axis goes to 4, at y 10; 0 is at y 190: a unit is 45. Columns begin at x 50, 192 and 334.
    CHECK_THAT(svg, Contains("<path class=\"s0\" d=\"M50 190V145H192V100H334V10H476V190z\"/>"));
    CHECK_THAT(svg, Contains("<path class=\"s1\" d=\"M50 190V100H192V100H334V10H476V190z\"/>"));
    CHECK(svg.find("class=\"s1\"") < svg.find("class=\"s0\""));  // the lower covers the upper
    CHECK(contents_of(svg, "title") == std::vector<std::string>{"25 Nov\na 1", "26 Nov\na 2", "27 Nov\na 4"});
}

TEST_CASE("waits are drawn on a logarithmic axis between round times") {
    const std::string svg =
        plot::wait_lines("Waits", three, {{"p50", "l0", {300, {}, 1200}}, {"p99", "l2", {4000, 4000, 4000}}});
    CHECK(contents_of(svg, "text") ==
          std::vector<std::string>{"5 min", "20 min", "1 h", "4 h", "25 Nov", "26 Nov", "27 Nov"});
    // The line is interrupted where there is no value, and 5 minutes are at the bottom.
    CHECK_THAT(svg, Contains("<path class=\"l0\" d=\"M50 190H192M334 126H476\"/>"));
}

TEST_CASE("a wait that is no time yet, or longer than any tick, stays within the picture") {
    for (const double value : {0.0, 0.5, 1.0, 60.0, 1e7}) {
        const std::string svg = plot::wait_lines("Waits", {three[0]}, {{"p50", "l0", {value}}});
        CHECK(count_of(svg, "nan") + count_of(svg, "inf") == 0);
        CHECK(count_of(svg, "class=\"grid\"") >= 2);
    }
}

TEST_CASE("a bar of a histogram has its share of the height, and an empty one is not drawn") {
    const std::string svg =
        plot::histogram("Waits", {{"1 min", "x", 4}, {"2 min", "y", 0}, {"more", "z", 1}});
    CHECK(count_of(svg, "class=\"s2\"") == 2);
    CHECK_THAT(svg, Contains("V10H"));
    CHECK_THAT(svg, Contains("V145H"));
    CHECK(contents_of(svg, "title") == std::vector<std::string>{"x", "y", "z"});
}

TEST_CASE("bars are as long as their values, and their names are text") {
    const std::string svg = plot::bars("Hosts", {{"<b>mx1</b>", "10", "ten", 10}, {"mx2", "5", "five", 5}});
    CHECK_THAT(svg, Contains("d=\"M0 23h480v8H0z\"><title>ten"));
    CHECK_THAT(svg, Contains("d=\"M0 63h240v8H0z\"><title>five"));
    CHECK_THAT(svg, Contains("&lt;b&gt;mx1&lt;/b&gt;"));
    CHECK(plot::bars("Hosts", {{"mx1", "0", "none", 0}}).find("nan") == std::string::npos);
}

TEST_CASE("a calendar has a square for each day, in the row of its weekday") {
    std::vector<plot::Square> squares;
    for (int i = 0; i < 400; ++i)
        squares.push_back({last_day - std::chrono::days{399 - i}, double(i % 5), "day " + std::to_string(i)});
    const std::string svg = plot::calendar("Days", squares);
    CHECK(contents_of(svg, "title").size() == 400);
    for (int level = 0; level < 5; ++level)
        CHECK(count_of(svg, "<g class=\"d" + std::to_string(level) + "\"") == 1);
    CHECK_THAT(svg, Contains("<path d=\"M435 51h6\"><title>day 399"));  // a Friday, in the 58th week
    CHECK(plot::calendar("Days", {}).ends_with("</svg>"));
}

TEST_CASE("the page of 400 days and 20 hosts is smaller than 100 kB") {
    CHECK(page(figures_of(400, 20)).size() < 100'000);
    CHECK(page(figures_of(92, 20)).size() < 120'000);
}

TEST_CASE("the page has no script, loads nothing, and its policy forbids both") {
    for (const int days : {1, 30, 400}) {
        const std::string html = page(figures_of(days, 2));
        CHECK_THAT(html, Contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""));
        for (const char* forbidden :
             {"<script", "<link", "<img", "<iframe", "<object", "href=", "src=", "@import", "url(http",
              " on"
              "load=",
              "javascript:alert(1)\""})
            CHECK(count_of(html, forbidden) == 0);
        CHECK(count_of(html, "url(") == count_of(html, "url(#p"));
    }
}

TEST_CASE("no name from outside is markup") {
    const std::string html = page(figures_of(30, 2));
    CHECK_THAT(html, Contains("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
    CHECK_THAT(html, Contains("\\xe2\\x80\\xaegpj.example"));
    CHECK(count_of(html, "\xe2\x80\xae") == 0);
    CHECK(count_of(html, "</style>") == 1);
    for (const char c : {'\x01', '\xff'}) CHECK(html.find(c) == std::string::npos);
}

TEST_CASE("behind every picture is a table, and every picture has marks with tooltips") {
    for (const int days : {1, 30, 400}) {
        const std::string html = page(figures_of(days, 2));
        CHECK(count_of(html, "<figure>") == count_of(html, "<details>"));
        CHECK(count_of(html, "<figure>") == (days == 400 ? 7 : 6));
        std::size_t at = 0;
        while ((at = html.find("<figure>", at)) != std::string::npos) {
            const std::string figure = html.substr(at, html.find("</figure>", at) - at);
            CHECK_THAT(figure, Contains("<svg viewBox") && Contains("<title>"));
            ++at;
        }
    }
}

TEST_CASE("the page of days without requests has its pictures, which are empty") {
    Figures figures = figures_of(1, 0);
    add_daily(figures, {{last_day, "a", "never_retried", 3}, {last_day, "a", "rows:connect", 9}}, {});
    const std::string text = page(figures);
    CHECK_THAT(text, Contains("aria-label=\"Requests by outcome\"") && Contains("no requests"));
    CHECK_THAT(text, Contains("100 % never came back") && Contains("<b>100 %</b>"));
    CHECK_THAT(text, Contains("No host was asked."));
}

TEST_CASE("the page does not tell how many never came back while that is not known") {
    Figures figures = figures_of(1, 0);
    figures.first = last_day - std::chrono::days{29};
    add_daily(figures, {{last_day, "a", "first_attempt", 9}, {last_day, "a", "reconnect_ok", 4}}, {});
    CHECK_THAT(page(figures), Contains("<b>–</b> <span>of strangers never came back</span>"));
}

TEST_CASE("a command on the page is not shortened") {
    Figures figures = figures_of(1, 1);
    figures.ctl = "sqlgreyctl -f /" + std::string(600, 'x');
    CHECK_THAT(page(figures), Contains("x allow --client 192.0.2.0</code>"));
}

TEST_CASE("the page without any figures says so in one sentence") {
    Figures figures;
    figures.first = figures.last = last_day;
    figures.stats_interval = sqlgrey::base::Seconds{300};
    const std::string html = page(figures);
    CHECK_THAT(html, Contains("There are no daily statistics of this period yet"));
    CHECK_THAT(html, Contains("Nothing waits.") && Contains("No pool is known."));
    CHECK(count_of(html, "<figure>") == 0);
}
