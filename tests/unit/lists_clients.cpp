// Entries about clients: networks, names, regular expressions.
#include "lists_fixture.hpp"

#include <catch2/catch.hpp>

using namespace lists_test;
using enum sqlgrey::lists::ListName;

namespace {

const auto client_lists = {whitelist_clients, never_whitelist_clients, blacklist_clients};
const auto lists_with_networks = {clients_ip_whitelist, whitelist_clients, never_whitelist_clients,
                                  blacklist_clients};

void check_network(const std::string& entry, const std::vector<std::string>& within,
                   const std::vector<std::string>& outside) {
    for (const ListName name : lists_with_networks) {
        const bool is_refused = name == blacklist_clients && built(name, entry).list->size() == 0;
        if (is_refused) continue;  // entries that match nearly everybody: lists_doubts.cpp
        CAPTURE(entry, text_of(name));
        for (const std::string& client : within) {
            CAPTURE(client);
            CHECK(line_for_client(name, entry, client) == 1);
        }
        for (const std::string& client : outside) {
            CAPTURE(client);
            CHECK(line_for_client(name, entry, client) == 0);
        }
    }
}

}  // namespace

TEST_CASE("an address matches itself") {
    check_network("192.0.2.1", {"192.0.2.1"}, {"192.0.2.0", "192.0.2.2", "::c000:201", "::ffff:192.0.2.1"});
    check_network("2001:db8::1", {"2001:db8::1", "2001:0DB8:0:0::0001"},
                  {"2001:db8::", "2001:db8::2", "32.1.13.184"});
}

TEST_CASE("numbers left out before a length are 0, as in SQLgrey 1.8") {
    check_network("10/8", {"10.0.0.0", "10.255.255.255"}, {"9.255.255.255", "11.0.0.0"});
    check_network("192.168/16", {"192.168.0.1"}, {"192.167.255.255", "192.169.0.0"});
    check_network("192.0.2/24", {"192.0.2.0", "192.0.2.255"}, {"192.0.3.0"});
}

TEST_CASE("three numbers are a /24, two a /16") {
    check_network("192.0.2", {"192.0.2.0", "192.0.2.255"}, {"192.0.1.255", "192.0.3.0"});
    check_network("192.0", {"192.0.0.0", "192.0.255.255"}, {"191.255.255.255", "192.1.0.0"});
}

TEST_CASE("a network may have any length, and host bits are ignored") {
    check_network("198.51.100.0/23", {"198.51.100.0", "198.51.101.255"}, {"198.51.99.255", "198.51.102.0"});
    check_network("198.51.101.9/23", {"198.51.100.0", "198.51.101.255"}, {"198.51.99.255", "198.51.102.0"});
    check_network("198.51.100.7/32", {"198.51.100.7"}, {"198.51.100.6", "198.51.100.8"});
    check_network("198.51.100.7/31", {"198.51.100.6", "198.51.100.7"}, {"198.51.100.5", "198.51.100.8"});
    check_network("128.0.0.0/1", {"128.0.0.0", "255.255.255.255"}, {"127.255.255.255", "8000::"});
    check_network("0.0.0.0/0", {"0.0.0.0", "255.255.255.255"}, {"::", "::1"});
    check_network("2001:db8::/32", {"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
                  {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"});
    check_network("2001:db8:0:1:2::3/64", {"2001:db8:0:1::", "2001:db8:0:1:ffff:ffff:ffff:ffff"},
                  {"2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:2::"});
    check_network("2001:db8::8000:0:0:0/65", {"2001:db8::8000:0:0:0"}, {"2001:db8::7fff:ffff:ffff:ffff"});
    check_network("2001:db8::4/127", {"2001:db8::4", "2001:db8::5"}, {"2001:db8::3", "2001:db8::6"});
    check_network("2001:db8::4/128", {"2001:db8::4"}, {"2001:db8::5"});
    check_network("::/0", {"::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}, {"0.0.0.0"});
    check_network("192.0.2.0 / 24", {"192.0.2.9"}, {"192.0.3.0"});
}

TEST_CASE("a wider network includes narrower ones, in any order") {
    const std::string_view text =
        "10.1.2.3\n10.1.2.0/24\n10.1.0.0/16\n10.1.2.4/30\n10.1.0.0/16\n10.2.0.0/16\n10.0.255.255\n";
    CHECK(line_for_client(clients_ip_whitelist, text, "10.1.2.3") == 3);
    CHECK(line_for_client(clients_ip_whitelist, text, "10.1.0.0") == 3);
    CHECK(line_for_client(clients_ip_whitelist, text, "10.1.255.255") == 3);
    CHECK(line_for_client(clients_ip_whitelist, text, "10.2.0.0") == 6);
    CHECK(line_for_client(clients_ip_whitelist, text, "10.0.255.255") == 7);
    CHECK(line_for_client(clients_ip_whitelist, text, "10.3.0.0") == 0);
    CHECK(line_for_client(clients_ip_whitelist, "2001:db8::1\n2001:db8::/32\n", "2001:db8::1") == 2);
}

TEST_CASE("in clients_fqdn_whitelist a name is one host") {
    const auto line = [](const std::string& name) {
        return line_for_name(clients_fqdn_whitelist, "mx.example.org\nlocalhost\nMail_1.Example.NET", name);
    };
    CHECK(line("mx.example.org") == 1);
    CHECK(line("MX.Example.ORG") == 1);
    CHECK(line("localhost") == 2);
    CHECK(line("mail_1.example.net") == 3);
    CHECK(line("a.mx.example.org") == 0);
    CHECK(line("example.org") == 0);
    CHECK(line("amx.example.org") == 0);
    CHECK(line("mxxexample.org") == 0);
}

TEST_CASE("*.domain is every host below the domain, not the domain") {
    for (const ListName name : {clients_fqdn_whitelist, whitelist_clients, blacklist_clients}) {
        CAPTURE(text_of(name));
        CHECK(line_for_name(name, "*.Example.org", "mx.example.org") == 1);
        CHECK(line_for_name(name, "*.example.org", "A.B.C.EXAMPLE.ORG") == 1);
        CHECK(line_for_name(name, "*.example.org", "example.org") == 0);
        CHECK(line_for_name(name, "*.example.org", "mxexample.org") == 0);
        CHECK(line_for_name(name, "*.example.org", "mx.examplexorg") == 0);
        CHECK(line_for_name(name, "*.example.org", "mx.example.org.invalid") == 0);
    }
}

TEST_CASE("in the other lists a domain is itself and every host below it") {
    for (const ListName name : client_lists) {
        CAPTURE(text_of(name));
        CHECK(line_for_name(name, "example.org", "example.org") == 1);
        CHECK(line_for_name(name, "example.org", "MX.example.org") == 1);
        CHECK(line_for_name(name, "example.org", "a.b.example.org") == 1);
        CHECK(line_for_name(name, "example.org", "anexample.org") == 0);
        CHECK(line_for_name(name, "example.org", "org") == 0);
        CHECK(line_for_name(name, "local", "printer.local") == 1);
    }
}

TEST_CASE("the nearest domain is the one that is named") {
    const std::string_view text =
        "org\nexample.org\n*.example.org\nmx.example.org\nexample.org\n*.mx.example.org";
    CHECK(line_for_name(whitelist_clients, text, "mx.example.org") == 4);
    CHECK(line_for_name(whitelist_clients, text, "a.example.org") == 2);
    CHECK(line_for_name(whitelist_clients, text, "a.mx.example.org") == 4);
    CHECK(line_for_name(whitelist_clients, text, "a.org") == 1);
    CHECK(line_for_name(clients_fqdn_whitelist, "*.example.org\na.example.org\n*.a.example.org",
                        "a.example.org") == 2);
    CHECK(line_for_name(clients_fqdn_whitelist, "*.example.org\na.example.org\n*.a.example.org",
                        "b.a.example.org") == 3);
}

TEST_CASE("equal names with different meanings all count") {
    const std::string_view text = "example.org\n*.example.org\n";
    CHECK(line_for_name(clients_fqdn_whitelist, text, "example.org") == 1);
    CHECK(line_for_name(clients_fqdn_whitelist, text, "a.example.org") == 2);
}

TEST_CASE("a regular expression is searched anywhere in the name") {
    for (const ListName name : {clients_fqdn_whitelist, whitelist_clients, blacklist_clients}) {
        CAPTURE(text_of(name));
        CHECK(line_for_name(name, "/^out[0-9]+\\./", "out12.example.org") == 1);
        CHECK(line_for_name(name, "/out[0-9]/", "mail-out1.example.org") == 1);
        CHECK(line_for_name(name, "/^out[0-9]+\\./", "about12.example.org") == 0);
        CHECK(line_for_name(name, "/a\\/b|mx/", "mx.example.org") == 1);
    }
}

TEST_CASE(
    "letter case matters in the expressions of clients_fqdn_whitelist only, as in the programs they are "
    "from") {
    CHECK(line_for_name(clients_fqdn_whitelist, "/mail/", "MAIL.example.org") == 0);
    CHECK(line_for_name(clients_fqdn_whitelist, "/MAIL/", "MAIL.example.org") == 1);
    CHECK(line_for_name(clients_fqdn_whitelist, "/(?i)mail/", "MAIL.example.org") == 1);
    for (const ListName name : client_lists) {
        CAPTURE(text_of(name));
        CHECK(line_for_name(name, "/mail/", "MAIL.example.org") == 1);
        CHECK(line_for_name(name, "/MAIL/", "mail.example.org") == 1);
    }
}

TEST_CASE("of many expressions the first that matches is named") {
    for (const int count : {1, 2, 3, 50, 2000}) {
        CAPTURE(count);
        std::string text;
        for (int i = 1; i <= count; ++i) text += "/^host" + std::to_string(i) + "-\\d+\\.example\\.org$/\n";
        text += "/^host1-/\n/(?!x)^other/\n";
        const auto list = built(clients_fqdn_whitelist, text);
        const Lists lists({list.list});
        const auto line = [&](const std::string& name) {
            const Match match = match_of(lists, {.client_name = name});
            return match.by ? match.by->line : 0;
        };
        CHECK(line("host1-77.example.org") == 1);
        CHECK(line("host" + std::to_string(count) + "-1.example.org") == count);
        CHECK(line("host" + std::to_string(count + 1) + "-1.example.org") == 0);
        CHECK(line("host1-x.example.org") == count + 1);
        CHECK(line("other.example.org") == count + 2);
        REQUIRE(list.problems.size() == 1);
        CHECK_FALSE(list.problems[0].is_error);
    }
}

TEST_CASE("a client without a verified name has none, but expressions see what Postfix says") {
    CHECK(line_for_name(whitelist_clients, "/^unknown$/", "unknown") == 1);
    CHECK(line_for_name(clients_fqdn_whitelist, "/./", "unknown") == 1);
    CHECK(line_for_name(clients_fqdn_whitelist, "/./", "") == 0);
    const auto list = built(whitelist_clients, "unknown\n*.Unknown\n");
    CHECK(list.list->size() == 0);
    REQUIRE(list.problems.size() == 2);
    CHECK_THAT(list.problems[0].text, Catch::Matchers::Contains("/^unknown$/"));
}

TEST_CASE("a name of any length is looked up") {
    std::string labels;
    for (int i = 0; i < 5000; ++i) labels += "a.";
    CHECK(line_for_name(whitelist_clients, "example.org", labels + "example.org") == 0);
    CHECK(line_for_name(whitelist_clients, "example.org", labels.substr(0, 200) + "example.org") == 1);
    CHECK(line_for_name(whitelist_clients, "example.org", "..example.org") == 1);
    CHECK(line_for_name(whitelist_clients, "example.org", "example.org.") == 0);
    CHECK(line_for_name(whitelist_clients, "example.org", ".") == 0);
}
