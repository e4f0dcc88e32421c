// The shipped lists, and lists in the formats of the programs we replace: all are read without a warning.
#include "lists_fixture.hpp"
#include "sqlgrey/lists/discrimination.hpp"

#include <sstream>

#include <catch2/catch.hpp>

using namespace lists_test;
using enum sqlgrey::lists::ListName;

namespace {

const std::string shipped = SOURCE_DIR "/conf";
const std::string shapes = SOURCE_DIR "/tests/unit/data/lists";

std::string contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

lists::ListBuilder::Built read_without_a_word(ListName name, const std::string& path) {
    CAPTURE(path);
    auto list = built(name, contents(path), path);
    CHECK(texts_of(list.problems).empty());
    return list;
}

policy::Request request(const std::string& attribute, const std::string& value) {
    policy::Request made;
    made.set(attribute, value);
    return made;
}

}  // namespace

TEST_CASE("the shipped lists are read without a warning") {
    const auto loaded = lists::load_lists(shipped, {}, {});
    CHECK(texts_of(loaded.problems).empty());
    const auto whitelisted = [&](const Who& who) {
        return match_of(*loaded.lists, who).kind == MatchKind::whitelisted;
    };
    const auto name = GENERATE(as<std::string>{}, "a27-22.smtp-out.us-west-2.amazonses.com",
                               "out162-62-57-87.mail.qq.com", "o1.ptr1234.outbound-mail.sendgrid.net");
    CAPTURE(name);
    CHECK(whitelisted({.client_name = name}));
    CHECK_FALSE(whitelisted({.client_name = "x" + name + ".example.org"}));
    CHECK_FALSE(whitelisted({.client_name = "unknown"}));
    CHECK_FALSE(whitelisted({.client_name = "mail-pl1-x62a.google.com"}));  // a pool
    CHECK_FALSE(whitelisted({}));
    CHECK(whitelisted({.recipient = "Postmaster@example.org"}));
    CHECK(whitelisted({.recipient = "abuse+x@example.org"}));
}

TEST_CASE("no entry we ship is so wide that a whole top-level domain fits it, and each has its reason") {
    std::istringstream in(contents(shipped + "/clients_fqdn_whitelist"));
    int entries = 0;
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line.starts_with('#')) continue;
        CAPTURE(line);
        ++entries;
        CHECK(line.find("  # ") != std::string::npos);
        CHECK(line.find('.') != std::string::npos);
        if (line.starts_with("*.")) CHECK(line.find('.', 2) < line.find('#'));
        if (line.starts_with('/')) CHECK(line.find("$/ ") != std::string::npos);
    }
    CHECK(entries > 10);
}

TEST_CASE("the shipped discrimination file contains only samples, which are all valid rules") {
    const std::string text = contents(shipped + "/discrimination.regexp");
    const auto as_it_is = lists::read_discrimination(shipped);
    CHECK(as_it_is.rules.size() == 0);
    CHECK(as_it_is.problems.size() == 1);
    std::istringstream in(text.substr(text.find("These are examples")));
    std::string uncommented;
    int samples = 0;
    for (std::string line; std::getline(in, line);) {
        const bool is_sample =
            line.find(" =~ ") != std::string::npos || line.find(" !~ ") != std::string::npos ||
            line.find(" == ") != std::string::npos || line.find(" != ") != std::string::npos;
        if (!is_sample) continue;
        REQUIRE(line.starts_with("# "));
        uncommented += line.substr(2) + "\n";
        ++samples;
    }
    const Directory dir;
    dir.write("discrimination.regexp", uncommented);
    const auto loaded = lists::read_discrimination(dir.path());
    CHECK(texts_of(loaded.problems).empty());
    CHECK(loaded.rules.size() == static_cast<std::size_t>(samples));
    CHECK(samples >= 8);
    CHECK(loaded.rules.first_match(request("client_name", "unknown")) == 1U);
    CHECK(loaded.rules.first_match(request("client_name", "host-192-0-2-1.example.net")) == 2U);
    CHECK(loaded.rules.first_match(request("client_name", "mx.example.net")) == std::nullopt);
}

TEST_CASE("lists written for SQLgrey 1.8 mean what they meant") {
    const auto names =
        read_without_a_word(clients_fqdn_whitelist, shapes + "/sqlgrey_clients_fqdn_whitelist");
    CHECK(names.list->size() == 11);
    const Lists by_name({names.list});
    for (const char* name : {"a.example.com", "x.y.a.example.net", "host.example.org", "ms-out-1.rr.example",
                             "sc22pub.example.net", "news.example.fr", "indented.example.fr",
                             "a.later.example", "in7.example.org", "mx.00.zh.cs.example.net"}) {
        CAPTURE(name);
        CHECK(match_of(by_name, {.client_name = name}).by);
    }
    for (const char* name :
         {"example.com", "a.example.net", "x.host.example.org", "scpub.example.net", "later.example"}) {
        CAPTURE(name);
        CHECK_FALSE(match_of(by_name, {.client_name = name}).by);
    }
    const auto networks = read_without_a_word(clients_ip_whitelist, shapes + "/sqlgrey_clients_ip_whitelist");
    CHECK(networks.list->size() == 11);
    const Lists by_address({networks.list});
    for (const char* client : {"192.0.2.141", "198.51.100.110", "203.0.113.255", "100.127.255.255",
                               "2001:db8:4051:800::1", "2001:db8::25", "192.0.0.1"}) {
        CAPTURE(client);
        CHECK(match_of(by_address, {.client = client}).by);
    }
    for (const char* client : {"192.0.2.143", "198.51.100.160", "100.128.0.0", "2001:db8::26"}) {
        CAPTURE(client);
        CHECK_FALSE(match_of(by_address, {.client = client}).by);
    }
}

TEST_CASE("discrimination rules written for SQLgrey 1.8 mean what they meant") {
    const Directory dir;
    dir.write("discrimination.regexp", contents(shapes + "/sqlgrey_discrimination.regexp"));
    const auto loaded = lists::read_discrimination(dir.path());
    CHECK(texts_of(loaded.problems).empty());
    CHECK(loaded.rules.size() == 7);
    CHECK(loaded.rules.first_match(request("client_name", "a.bb")) == 1U);
    CHECK(loaded.rules.first_match(request("sender", "free.com@example.org")) == 2U);
    CHECK(loaded.rules.first_match(request("helo_name", "host")) == 3U);
    CHECK(loaded.rules.first_match(request("client_name", "unknown")) == 4U);
    CHECK(loaded.rules.first_match(request("client_name", "x1-2-3-4.example")) == 5U);
    CHECK(loaded.rules.first_match(request("client_name", "ab0x0a0b0c0d")) == 6U);
    CHECK(loaded.rules.first_match(request("recipient", "webmaster@example.org")) == 7U);
    CHECK(loaded.rules.first_match(request("recipient", "user@example.org")) == std::nullopt);
}

TEST_CASE("lists written for postgrey mean what they meant") {
    const auto clients = read_without_a_word(whitelist_clients, shapes + "/postgrey_whitelist_clients");
    CHECK(clients.list->size() == 14);
    const Lists lists(
        {clients.list,
         read_without_a_word(whitelist_recipients, shapes + "/postgrey_whitelist_recipients").list});
    for (const char* name : {"example.com", "MX.example.com", "smtp3-g21.free.example", "a.tax.example.fr",
                             "a-server-example.de"}) {
        CAPTURE(name);
        CHECK(match_of(lists, {.client_name = name}).by);
    }
    for (const char* client :
         {"192.0.2.200", "51.5.80.31", "198.51.100.1", "2001:db8:4051:800::9", "2001:db8::1"}) {
        CAPTURE(client);
        CHECK(match_of(lists, {.client = client}).by);
    }
    for (const char* recipient : {"Postmaster@example.com", "abuse+1@x.example", "user+a@example.org",
                                  "u@a.example.net", "TEST-1@example.com"}) {
        CAPTURE(recipient);
        CHECK(match_of(lists, {.recipient = recipient}).by);
    }
    CHECK_FALSE(
        match_of(lists,
                 {.client = "51.5.80.32", .client_name = "anexample.com", .recipient = "u@a.example.org"})
            .by);
}

TEST_CASE("the lists that Debian's sqlgrey and postgrey install are read without a warning") {
    CHECK(read_without_a_word(clients_fqdn_whitelist, "/etc/sqlgrey/clients_fqdn_whitelist").list->size() >
          30);
    CHECK(read_without_a_word(clients_ip_whitelist, "/etc/sqlgrey/clients_ip_whitelist").list->size() > 30);
    CHECK(read_without_a_word(whitelist_clients, "/etc/postgrey/whitelist_clients").list->size() > 100);
    CHECK(read_without_a_word(whitelist_recipients, "/etc/postgrey/whitelist_recipients").list->size() == 2);
    const auto loaded = lists::read_discrimination("/etc/sqlgrey");
    CHECK(texts_of(loaded.problems).empty());
    CHECK(loaded.rules.size() == 8);
}
