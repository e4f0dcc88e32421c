// Valid forms of a line in a list, and what happens to invalid ones.
#include "lists_fixture.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace lists_test;
using namespace std::string_literals;
using enum sqlgrey::lists::ListName;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

TEST_CASE("comments and blanks around an entry are ignored") {
    const auto line =
        GENERATE(as<std::string>{}, "192.0.2.1", "  192.0.2.1\t", "192.0.2.1 # why", "192.0.2.1# why",
                 "\t192.0.2.1\t#", "192.0.2.1\r", "192.0.2.1 # why # and why\r");
    CAPTURE(line);
    CHECK(line_for_client(clients_ip_whitelist, line, "192.0.2.1") == 1);
    CHECK(line_for_client(whitelist_clients, line, "192.0.2.1") == 1);
}

TEST_CASE("a line without an entry is no problem and no entry") {
    const auto line = GENERATE(as<std::string>{}, "", " ", "\t\r", "#", "# 192.0.2.1", "   # x", "##/x/");
    for (const ListName name : lists::all_list_names) {
        const auto list = built(name, line);
        CHECK(list.list->size() == 0);
        CHECK(list.problems.empty());
    }
}

TEST_CASE("'#' within an expression belongs to it, except after a blank or its end") {
    const auto found = [](const std::string& line, const std::string& name) {
        return line_for_name(clients_fqdn_whitelist, line, name) == 1;
    };
    CHECK(found("/a#b/", "xa#bx"));
    CHECK(found("/a\\#b/ # why", "xa#bx"));
    CHECK(found("/ab/ # why /not/", "xab"));
    CHECK(found("/ab/# why", "xab"));
    CHECK(found("/a\\/#b/", "a/#b"));
    CHECK(found("  /ab/\t#c/", "xab"));
    CHECK(found("/^ab$/#c/", "ab"));
    CHECK(built(clients_fqdn_whitelist, "/a #b/").problems.size() == 1);
}

TEST_CASE("an invalid line is skipped and reported with file, line, text and what was expected") {
    const auto list =
        built(clients_ip_whitelist, "192.0.2.1\n\nmx.example.org # here\n192.0.2.2\n", "/etc/sqlgrey/z");
    CHECK(list.list->size() == 2);
    REQUIRE(list.problems.size() == 1);
    CHECK(list.problems[0].is_error);
    CHECK_THAT(
        list.problems[0].text,
        StartsWith("/etc/sqlgrey/z:3: \"mx.example.org\" is skipped: expected an address or a network"));
}

TEST_CASE("each list refuses entries of other forms") {
    struct Case {
        ListName name;
        std::vector<std::string> entries;
    };
    const std::vector<Case> cases{
        {clients_ip_whitelist,
         {"192.0.2.256",
          "192.0.2.1/33",
          "192.0.2.1/",
          "192.0.2.1/-1",
          "192.0.2.1/8x",
          "192.0.2.1/99999999999",
          "192",
          "192.0.2.1.5",
          "192.0.2.1 192.0.2.2",
          "2001:db8::/129",
          "2001:db8:::1",
          "::1%lo",
          "[::1]",
          "1.2.3.4-1.2.3.9",
          "/192/",
          "192.0.02.1",
          ".0.2",
          "192..2",
          "/24",
          "/",
          "a:b",
          "::g"}},
        {clients_fqdn_whitelist,
         {"192.0.2.1",
          "192.0.2.0/24",
          "2001:db8::1",
          "*",
          "*.",
          "*example.org",
          "mail*.example.org",
          "a b",
          ".example.org",
          "example.org.",
          "example..org",
          "user@example.org",
          "/open",
          "//",
          "/",
          "/a b/",
          "unknown",
          "m\xc3\xbcller.example",
          "exa!mple.org",
          "a,b",
          std::string(256, 'a')}},
        {whitelist_clients,
         {"300.1.2.3", "192.0.2.1/33", "1.2.3.4.5", "1", "*", "a b", "/open", "//", ".example.org", "unknown",
          "a/b"}},
        {whitelist_recipients,
         {"@", "a b@example.org", "user@a b", "user@*.example.org", "user@.", "a,b", "/open", "//",
          "192.0.2.1", "<>", "user@exa!mple", "user@[192.0.2.1", ".example.org", "*@example.org", "*@"}},
        {blacklist_senders,
         {"@", "user@", ".", "..a", "a b@example.org", "*@example.org", "*.example.org", "/open", "//",
          "192.0.2.1", "<user@example.org>", "<", "user@[1 2]"}}};
    for (const Case& one : cases) {
        for (const std::string& entry : one.entries) {
            CAPTURE(text_of(one.name), entry);
            const auto list = built(one.name, entry);
            CHECK(list.list->size() == 0);
            REQUIRE(list.problems.size() == 1);
            CHECK(list.problems[0].is_error);
        }
    }
}

TEST_CASE("an invalid expression is skipped and reported") {
    const auto list = built(clients_fqdn_whitelist, "/a(/\n/b/\n");
    CHECK(list.list->size() == 1);
    REQUIRE(list.problems.size() == 1);
    CHECK(list.problems[0].is_error);
    CHECK_THAT(list.problems[0].text, StartsWith("/etc/x:1: \"/a(/\" is skipped") && Contains("at byte 2"));
}

TEST_CASE("an expression that needs PCRE2 works, with a warning") {
    const auto list = built(whitelist_clients, "/^(?!mail)[a-z]+\\.example/\n/([a-z])\\1/\n");
    CHECK(list.list->size() == 2);
    REQUIRE(list.problems.size() == 2);
    CHECK_FALSE(list.problems[0].is_error);
    CHECK_THAT(list.problems[0].text, StartsWith("/etc/x:1: ") && Contains("look-around"));
    const Lists lists({list.list});
    CHECK(match_of(lists, {.client_name = "host.example.org"}).by->line == 1);
    CHECK(match_of(lists, {.client_name = "0ll.invalid"}).by->line == 2);
    CHECK_FALSE(match_of(lists, {.client_name = "mail.example.org"}).by);
}

TEST_CASE("hostile expressions are answered like others") {
    const auto list =
        built(blacklist_senders, "/(?=a)(a+)+$/\n/^(([a-z])+.)+[A-Z]([a-z])+$/\n/(x+x+)+y/\n/(.*)*z!/\n");
    CHECK(list.list->size() == 4);
    CHECK_FALSE(match_of(Lists({list.list}), {.sender = std::string(500, 'a') + "!"}).by);
    CHECK_FALSE(match_of(Lists({list.list}), {.sender = std::string(500, 'x') + "!"}).by);
}

TEST_CASE("an invalid line is shown shortened and escaped, whatever its bytes") {
    const auto line =
        GENERATE(as<std::string>{}, "a\0b"s, "\xff\xfe\x41", "a\x1b[31mb", std::string(1 << 20, 'a'),
                 "/" + std::string(1 << 20, '(') + "/", std::string(1 << 20, '\0'), "\xc3.example.org",
                 "a\rb", std::string(1 << 20, '#').insert(0, "!"));
    for (const ListName name : {clients_fqdn_whitelist, whitelist_clients, clients_ip_whitelist}) {
        const auto list = built(name, line + "\n");
        CHECK(list.list->size() == 0);
        REQUIRE(list.problems.size() == 1);
        const std::string& text = list.problems[0].text;
        CHECK(text.size() < 700);
        CHECK(std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= ' ' && c < 0x7f; }));
    }
}

TEST_CASE("an entry of more than 8192 bytes is too long, a comment may be longer") {
    const std::string word = "/" + std::string(8190, 'a') + "/";
    CHECK(built(whitelist_clients, word).list->size() == 1);
    const auto list = built(whitelist_clients, "/a" + word.substr(1));
    CHECK(list.list->size() == 0);
    CHECK_THAT(list.problems.at(0).text, Contains("8192 bytes"));
    CHECK(built(whitelist_clients, "example.org #" + std::string(1 << 20, 'x')).list->size() == 1);
}

TEST_CASE("of many problems the first twenty are reported, the others counted") {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "!\n";
    const auto list = built(whitelist_clients, text);
    REQUIRE(list.problems.size() == 21);
    CHECK_THAT(list.problems[19].text, StartsWith("/etc/x:20: "));
    CHECK_THAT(list.problems[20].text, StartsWith("/etc/x: 980 more"));
}

TEST_CASE("many warnings hide no error") {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "192.0.2.1/24\n";
    const auto list = built(blacklist_clients, text + "0.0.0.0/0\n");
    REQUIRE(list.problems.size() == 22);
    CHECK_THAT(list.problems[20].text, StartsWith("/etc/x:101: \"0.0.0.0/0\" is skipped"));
    CHECK(list.problems[21] == lists::Problem{false, "/etc/x: 80 more warnings like these"});
}

TEST_CASE("a row of the database has the same forms and is reported by its id") {
    auto builder = lists::ListBuilder::of_rows(blacklist_clients);
    builder.add("192.0.2", 7);
    builder.add(" *.example.org # why", 8);
    builder.add("", 9);
    builder.add("/(/", 10);
    builder.add("!", 4'000'000'000'000);
    const auto list = std::move(builder).build();
    CHECK(list.list->size() == 2);
    CHECK(list.list->in_database());
    REQUIRE(list.problems.size() == 2);
    CHECK_THAT(list.problems[0].text, StartsWith("row 10 of blacklist_clients in the database: \"/(/\""));
    CHECK_THAT(list.problems[1].text, StartsWith("row 4000000000000 of blacklist_clients"));
    const Match match = match_of(Lists({list.list}), {.client_name = "a.example.org"});
    REQUIRE(match.by);
    CHECK(match.by->is_row);
    CHECK(match.by->line == 8);
    CHECK(match.by->source == "database");
}

TEST_CASE("lists have names") {
    for (const ListName name : lists::all_list_names) {
        CHECK(lists::list_named(text_of(name)) == name);
        CHECK_FALSE(forms_of(name).empty());
    }
    CHECK(text_of(blacklist_senders) == "blacklist_senders");
    CHECK(text_of(clients_ip_whitelist) == "clients_ip_whitelist");
    CHECK_FALSE(lists::list_named("Whitelist_clients"));
    CHECK_FALSE(lists::list_named(""));
}
