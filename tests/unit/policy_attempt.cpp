// The typed attributes of a request.
#include "sqlgrey/policy/attempt.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace sqlgrey::policy;

TEST_CASE("each attribute of a request is found in the attempt") {
    Request request;
    for (const auto& [name, value] :
         std::initializer_list<std::pair<const char*, const char*>>{{"request", "smtpd_access_policy"},
                                                                    {"client_address", "192.0.2.25"},
                                                                    {"client_name", "MX.example.org"},
                                                                    {"sender", "Alice@example.org"},
                                                                    {"recipient", "bob@example.net"},
                                                                    {"instance", "1a.2b.3"},
                                                                    {"queue_id", "4C5"}})
        request.set(name, value);
    Attempt expected{net::parse_address("192.0.2.25"), "MX.example.org", "Alice@example.org",
                     "bob@example.net"};
    expected.request = "smtpd_access_policy";
    expected.client_address = "192.0.2.25";
    expected.instance = "1a.2b.3";
    expected.queue_id = "4C5";
    CHECK(attempt_of(request) == expected);
}

TEST_CASE("what p0f says is in the attempt if it was sent, or is known by now") {
    Request request;
    CHECK(attempt_of(request).p0f == std::array<std::string_view, 3>{});
    request.set("p0f_os", "Linux 3.x");
    request.set("p0f_distance", "7");
    CHECK(attempt_of(request).p0f == std::array<std::string_view, 3>{"Linux 3.x", "", "7"});
    CHECK(is_p0f_attribute("p0f_link"));
    CHECK_FALSE(is_p0f_attribute("p0f_"));
    CHECK_FALSE(is_p0f_attribute("client_name"));
}

TEST_CASE("an empty request is an attempt without a client that is no policy request") {
    const Request request;
    const Attempt attempt = attempt_of(request);
    CHECK_FALSE(attempt.is_policy_request);
    CHECK_FALSE(attempt.client);
    CHECK(attempt.recipient.empty());
}

TEST_CASE("an invalid client address gives no client, and keeps its text") {
    Request request;
    request.set("client_address", "mail.example.org");
    const Attempt attempt = attempt_of(request);
    CHECK_FALSE(attempt.client);
    CHECK(attempt.client_address == "mail.example.org");
}
