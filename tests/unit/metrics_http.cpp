// Requests of all kinds, and what they are answered.
#include "sqlgrey/metrics/http.hpp"

#include <catch2/catch.hpp>

namespace sqlgrey::metrics {
namespace {

struct HttpTest {
    Health health{true, "ok"};
    Pages pages{
        [](Format format) { return std::string{format == Format::openmetrics ? "openmetrics\n" : "text\n"}; },
        [this] { return health; }};

    std::string ask(const std::string& request) const { return respond(request, pages).value_or("more"); }
    static std::string status(const std::string& response) {
        return response.substr(0, response.find("\r\n"));
    }
    // What the body of /metrics is for that Accept.
    std::string format_for(const std::string& accept) const {
        const std::string response =
            ask("GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: " + accept + "\r\n\r\n");
        return response.substr(response.find("\r\n\r\n") + 4);
    }
};

}  // namespace

TEST_CASE_METHOD(HttpTest, "metrics are shown as text to a client that asks for nothing else") {
    CHECK(ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n") ==
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
          "Content-Length: 5\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
          "Connection: close\r\nVary: Accept\r\n\r\ntext\n");
}

TEST_CASE_METHOD(HttpTest, "OpenMetrics is shown to a client that likes it no less than text") {
    const std::string response = ask("GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text\r\n\r\n");
    CHECK(response.find("\r\nContent-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n") !=
          std::string::npos);
    CHECK(response.ends_with("\r\n\r\nopenmetrics\n"));
    // As Prometheus 2 and 3 ask.
    CHECK(format_for(
              "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
              "text/plain;version=0.0.4;q=0.5,*/*;q=0.1") == "openmetrics\n");
    CHECK(format_for("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                     "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.2") == "openmetrics\n");
    CHECK(format_for("APPLICATION/OpenMetrics-Text ; Q=0.5 ; VERSION=\"1.0.0\"") == "openmetrics\n");
}

TEST_CASE_METHOD(HttpTest, "text is shown to all others, whatever they accept") {
    for (const char* accept :
         {"", "*/*", "text/html", "application/openmetrics-text;q=0",
          "application/openmetrics-text;version=2.0.0",
          "application/openmetrics-text;q=0.3, text/plain;q=0.5", "application/openmetrics-text;q=x",
          "application/openmetrics-texts", ";;;,,,===", "application/openmetrics-text;q=0.-5"}) {
        CAPTURE(accept);
        CHECK(format_for(accept) == "text\n");
    }
}

TEST_CASE_METHOD(HttpTest, "HEAD gets the head of what GET gets") {
    const std::string get = ask("GET /metrics HTTP/1.0\r\n\r\n");
    CHECK(ask("HEAD /metrics HTTP/1.0\r\n\r\n") == get.substr(0, get.find("\r\n\r\n") + 4));
}

TEST_CASE_METHOD(HttpTest, "health is 200 or 503, with a word why") {
    CHECK(status(ask("GET /healthz HTTP/1.1\r\n\r\n")) == "HTTP/1.1 200 OK");
    health = {false, "no worker lives"};
    const std::string bad = ask("GET /healthz?verbose HTTP/1.1\r\n\r\n");
    CHECK(status(bad) == "HTTP/1.1 503 Service Unavailable");
    CHECK(bad.ends_with("\r\n\r\nno worker lives\n"));
}

TEST_CASE_METHOD(HttpTest, "other places and other methods are refused") {
    CHECK(status(ask("GET / HTTP/1.1\r\n\r\n")) == "HTTP/1.1 404 Not Found");
    CHECK(status(ask("GET /metrics/ HTTP/1.1\r\n\r\n")) == "HTTP/1.1 404 Not Found");
    CHECK(status(ask("GET /../etc/passwd HTTP/1.1\r\n\r\n")) == "HTTP/1.1 404 Not Found");
    for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"}) {
        CAPTURE(method);
        const std::string response =
            ask(std::string{method} + " /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\n");
        CHECK(status(response) == "HTTP/1.1 405 Method Not Allowed");
        CHECK(response.find("\r\nAllow: GET, HEAD\r\n") != std::string::npos);
    }
}

TEST_CASE_METHOD(HttpTest, "more is waited for until the empty line, byte by byte") {
    const std::string request = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    for (std::size_t size = 0; size < request.size(); ++size) CHECK(ask(request.substr(0, size)) == "more");
    CHECK(status(ask(request)) == "HTTP/1.1 200 OK");
    CHECK(status(ask(request + request)) == "HTTP/1.1 200 OK");  // what follows is ignored
}

TEST_CASE_METHOD(HttpTest, "what is no request is refused at once") {
    for (const std::string& garbage :
         {std::string{"\x16\x03\x01\x02"}, std::string{"request=smtpd_access_policy\n\n"},
          std::string(100, '\0'), std::string{"GET /metrics HTTP/9.9\r\n\r\n"},
          std::string{"GET  HTTP/1.1\r\n\r\n"}, std::string{"GET /metrics HTTP/1.1\r\nno colon\r\n\r\n"}}) {
        CAPTURE(garbage);
        CHECK(status(ask(garbage)) == "HTTP/1.1 400 Bad Request");
    }
}

TEST_CASE_METHOD(HttpTest, "a head of 4 KiB or more is refused") {
    const auto request_of = [](std::size_t size) {
        const std::string begin = "GET /metrics HTTP/1.1\r\nX: ";
        return begin + std::string(size - begin.size() - 4, 'x') + "\r\n\r\n";
    };
    CHECK(status(ask(request_of(head_limit - 1))) == "HTTP/1.1 200 OK");
    CHECK(status(ask(request_of(head_limit + 1))) == "HTTP/1.1 400 Bad Request");
    CHECK(status(ask("GET /" + std::string(head_limit, 'x'))) == "HTTP/1.1 400 Bad Request");
}

TEST_CASE("a client that sends no request in time is told") {
    CHECK(timeout_response().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
}

}  // namespace sqlgrey::metrics
