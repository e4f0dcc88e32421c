// Boost.Beast parses the request; the few kinds of responses are put together here.
#include "sqlgrey/metrics/http.hpp"

#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"

#include <algorithm>
#include <charconv>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace sqlgrey::metrics {
namespace {

namespace http = boost::beast::http;
using Parser = http::request_parser<http::empty_body>;

constexpr std::string_view plain = "text/plain; charset=utf-8";
constexpr std::string_view openmetrics_type = "application/openmetrics-text";

struct Response {
    std::string_view status;
    std::string_view type = plain;
    std::string body;
    std::string_view more_headers{};
};

std::string text_of(const Response& response, bool with_body) {
    std::string text = "HTTP/1.1 ";
    text.append(response.status).append("\r\nContent-Type: ").append(response.type);
    text.append("\r\nContent-Length: ").append(std::to_string(response.body.size()));
    text.append("\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n");
    text.append(response.more_headers).append("\r\n");
    if (with_body) text += response.body;
    return text;
}

std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

// The part before `separator`, trimmed; leaves in `rest` what follows it.
std::string_view next(std::string_view& rest, char separator) {
    const std::size_t end = std::min(rest.find(separator), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return base::trimmed(part);
}

// A quality value in thousandths: 750 for "0.75"; 0 for anything invalid.
int thousandths(std::string_view text) {
    if (text.starts_with('1')) return 1000;
    if (!text.starts_with("0.")) return 0;
    std::string digits{text.substr(2, 3)};
    digits.resize(3, '0');
    int value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

struct Range {
    std::string type;
    std::string version{};
    int quality = 1000;  // thousandths
};

Range range_of(std::string_view text) {
    Range range{base::ascii_lower(next(text, ';'))};
    while (!text.empty()) {
        std::string_view value = next(text, ';');
        const std::string name = base::ascii_lower(next(value, '='));
        value = base::trimmed(value);
        if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
            value = value.substr(1, value.size() - 2);
        if (name == "version") range.version = value;
        if (name == "q") range.quality = thousandths(value);
    }
    return range;
}

// OpenMetrics if `accept` names it with at least the quality of text/plain; the Prometheus format otherwise,
// whatever the client accepts.
Format wanted_format(std::string_view accept) {
    int openmetrics = 0;
    int text = 0;
    while (!accept.empty()) {
        const Range range = range_of(next(accept, ','));
        if (range.type == "text/plain") text = std::max(text, range.quality);
        const bool is_ours = range.version.empty() || range.version == "1.0.0";
        if (range.type == openmetrics_type && is_ours) openmetrics = std::max(openmetrics, range.quality);
    }
    return openmetrics > 0 && openmetrics >= text ? Format::openmetrics : Format::prometheus;
}

Response response_to(const Parser::value_type& request, const Pages& pages) {
    if (request.method() != http::verb::get && request.method() != http::verb::head)
        return {"405 Method Not Allowed", plain, "only GET and HEAD\n", "Allow: GET, HEAD\r\n"};
    std::string_view target = view(request.target());
    target = target.substr(0, target.find('?'));
    if (target == "/metrics") {
        const Format format = wanted_format(view(request[http::field::accept]));
        return {"200 OK", content_type(format), pages.metrics(format), "Vary: Accept\r\n"};
    }
    if (target == "/healthz") {
        const Health health = pages.health();
        return {health.good ? "200 OK" : "503 Service Unavailable", plain, std::string{health.text} + "\n"};
    }
    return {"404 Not Found", plain, "there are /metrics and /healthz\n"};
}

}  // namespace

std::optional<std::string> respond(std::string_view received, const Pages& pages) {
    received = received.substr(0, head_limit);
    Parser parser;
    parser.header_limit(head_limit);
    boost::beast::error_code error;
    parser.put(boost::asio::const_buffer(received.data(), received.size()), error);
    if (parser.is_header_done())
        return text_of(response_to(parser.get(), pages), parser.get().method() != http::verb::head);
    if ((!error || error == http::error::need_more) && received.size() < head_limit) return {};
    return text_of({"400 Bad Request", plain, "no HTTP request of less than 4 KiB\n"}, true);
}

std::string timeout_response() {
    return text_of({"408 Request Timeout", plain, "no request within 5 seconds\n"}, true);
}

}  // namespace sqlgrey::metrics
