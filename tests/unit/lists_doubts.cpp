// Entries that do not mean what was probably intended: those that match everybody or nobody, and ignored
// bits.
#include "lists_fixture.hpp"

#include <catch2/catch.hpp>

using namespace lists_test;
using enum sqlgrey::lists::ListName;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

struct Told {
    std::size_t taken;
    std::string problems;
};

Told add(ListName name, const std::string& entry) {
    CAPTURE(text_of(name), entry);
    const auto list = built(name, entry);
    return {list.list->size(), texts_of(list.problems)};
}

void is_refused(ListName name, const std::string& entry) {
    const Told told = add(name, entry);
    CAPTURE(text_of(name), entry, told.problems);
    CHECK(told.taken == 0);
    CHECK_THAT(told.problems, StartsWith("error: /etc/x:1: \"") && Contains("\" is skipped: "));
}

void is_warned_of(ListName name, const std::string& entry) {
    const Told told = add(name, entry);
    CAPTURE(text_of(name), entry, told.problems);
    CHECK(told.taken == 1);
    CHECK_THAT(told.problems, StartsWith("warning: /etc/x:1: \""));
}

void is_taken(ListName name, const std::string& entry) {
    const Told told = add(name, entry);
    CAPTURE(text_of(name), entry);
    CHECK(told.taken == 1);
    CHECK(told.problems.empty());
}

}  // namespace

TEST_CASE("a network that nearly everybody is in is no entry of a blacklist, and doubtful in other lists") {
    for (const char* wide :
         {"0.0.0.0/0", "0/0", "10.0.0.0/0", "128.0.0.0/1", "64/2", "192.0.0.0/3", "1.2.3.4/7", "0.0.0.0/4",
          "::/0", "::/1", "2000::/3", "2001:db8::/0", "2001::/15", "8000::/1", "::/8"}) {
        is_refused(blacklist_clients, wide);
        for (const ListName name : {clients_ip_whitelist, whitelist_clients, never_whitelist_clients})
            is_warned_of(name, wide);
    }
    CHECK_THAT(
        add(blacklist_clients, "10.0.0.0/0").problems,
        Contains("a network wider than a /8 (IPv6: a /16) refuses nearly everybody; write the networks"));
    CHECK_THAT(add(clients_ip_whitelist, "::/0").problems,
               Contains("turns greylisting off for nearly everybody"));
    CHECK_THAT(add(never_whitelist_clients, "::/0").problems,
               Contains("keeps nearly everybody off the auto-whitelists"));
}

TEST_CASE("a large network is an entry like others, and so are those that nobody comes from") {
    for (const char* network :
         {"10/8", "53.0.0.0/8", "172.16.0.0/12", "192.0", "2002::/16", "2001:db8::/32", "fe80::/10",
          "fc00::/7", "ff00::/8", "224.0.0.0/4", "240.0.0.0/4", "224.0.0.0/3"}) {
        for (const ListName name : {blacklist_clients, whitelist_clients, clients_ip_whitelist})
            is_taken(name, network);
    }
}

TEST_CASE("host bits of a network are reported") {
    for (const ListName name :
         {blacklist_clients, whitelist_clients, clients_ip_whitelist, never_whitelist_clients}) {
        for (const char* network :
             {"192.0.2.77/24", "10.1/8", "192.0.2.1/31", "2001:db8::1/64", "2001:db8:0:1::/63"})
            is_warned_of(name, network);
        for (const char* network : {"192.0.2.0/24", "192.0.2.77/32", "192.0.2.77", "192.0.2", "10/8",
                                    "192.0.2.76/31", "2001:db8::/64", "2001:db8::1/128"})
            is_taken(name, network);
    }
    CHECK_THAT(add(whitelist_clients, "192.0.2.77/25").problems,
               Contains("it is read as 192.0.2.0/25; write that, or"));
    CHECK_THAT(add(whitelist_clients, "2001:db8::ffff/112").problems,
               Contains("it is read as 2001:db8::/112; "));
    CHECK(line_for_client(blacklist_clients, "192.0.2.0/24", "192.0.2.200") == 1);
}

TEST_CASE("a public suffix is no entry of a blacklist, and doubtful in other lists") {
    for (const char* suffix :
         {"com", "*.com", "COM", "co.uk", "*.co.uk", "de", "org", "xn--p1ai", "com.br", "xyz", "*.foo.ck"}) {
        is_refused(blacklist_clients, suffix);
        is_warned_of(whitelist_clients, suffix);
        is_warned_of(never_whitelist_clients, suffix);
    }
    is_warned_of(clients_fqdn_whitelist, "*.com");
    for (const char* suffix : {".com", ".co.uk", ".xn--p1ai", ".Org"}) {
        is_refused(blacklist_senders, suffix);
        is_warned_of(whitelist_senders, suffix);
        is_warned_of(never_whitelist_senders, suffix);
    }
    is_warned_of(whitelist_recipients, "com");
    CHECK_THAT(add(blacklist_clients, "*.co.uk").problems,
               Contains("write a longer name, or /\\.co\\.uk$/ if you really mean all"));
    is_taken(blacklist_clients, "/\\.co\\.uk$/");
}

TEST_CASE("a suffix by itself, where only that name fits, is told") {
    for (const ListName name : {blacklist_senders, whitelist_senders, never_whitelist_senders}) {
        is_warned_of(name, "com");
        is_warned_of(name, "@co.uk");
    }
    is_warned_of(clients_fqdn_whitelist, "com");
    is_warned_of(whitelist_recipients, "@com");
}

TEST_CASE("names below a suffix, of companies whose customers have some, and without a dot are entries") {
    for (const char* name : {"example.com", "*.example.co.uk", "blogspot.com", "github.io", "amazonaws.com",
                             "localhost", "lan", "*.dyn.example"})
        is_taken(blacklist_clients, name);
    for (const char* name :
         {".example.com", "example.co.uk", "@example.com", "a@com", ".local", "localhost.localdomain"})
        is_taken(blacklist_senders, name);
}

TEST_CASE("an expression that is found in every name or address is no entry of a blacklist") {
    for (const char* all : {"/./", "/.*/", "/.+/", "/^/", "/$/", "/^.*$/", "/()/", "/x*/", "/(a|.)/", "/\\./",
                            "/[a-z]/", "/\\w/", "/[^,]/", "/^(?!nobody)/", "/..../", "/\\S+/", "/(?:)/"}) {
        is_refused(blacklist_clients, all);
        is_refused(blacklist_senders, all);
        for (const ListName name :
             {whitelist_clients, clients_fqdn_whitelist, whitelist_senders, whitelist_recipients})
            CHECK_THAT(add(name, all).problems,
                       Contains("warning: /etc/x:1: \"") && Contains("is found in every"));
    }
    for (const char* all : {"/@/", "/.@./", "/^[^@]+@/", "/@.*\\./", "/^.+@.+$/"}) {
        is_refused(blacklist_senders, all);
        is_taken(blacklist_clients, all);
    }
    CHECK_THAT(add(blacklist_clients, "/./").problems,
               Contains("found in every name refuses nearly everybody; write one"));
}

TEST_CASE("an expression that says something is an entry") {
    for (const char* some : {"/[0-9]/", "/-/", "/^unknown$/", "/\\.com$/", "/^[^.]+\\.[^.]+$/",
                             "/dyn|dsl|pool/", "/[0-9]+-[0-9]+/", "/\\.(com|net|org)$/", "/^.{20,}$/", "/a/"})
        is_taken(blacklist_clients, some);
    for (const char* some : {"/^bounce/", "/@news\\./", "/\\.xyz$/", "/[0-9]@/", "/^.@/", "/\\+/"})
        is_taken(blacklist_senders, some);
}

TEST_CASE("that a blacklist refuses bounces is told") {
    for (const char* bounces : {"<>", "/^$/", "/^[^@]*$/", "/^(mailer-daemon@.*)?$/"}) {
        is_warned_of(blacklist_senders, bounces);
        is_taken(whitelist_senders, bounces);
        is_taken(never_whitelist_senders, bounces);
    }
    CHECK_THAT(add(blacklist_senders, "<>").problems, Contains("bounces have the empty sender"));
}

TEST_CASE("the word of the log and the tables for an empty sender fits none, and that is told") {
    for (const ListName name : {blacklist_senders, whitelist_senders, never_whitelist_senders}) {
        for (const char* word :
             {"-undef-", "@-undef-", ".-undef-", "-undef-@-undef-", "root@-undef-", "-UNDEF-"})
            is_warned_of(name, word);
    }
    is_warned_of(blacklist_clients, "-undef-");
    CHECK_THAT(add(blacklist_senders, "-undef-").problems, Contains("write <> for the empty sender"));
}

TEST_CASE("a row of the database is told by its id, and the others count") {
    auto builder = lists::ListBuilder::of_rows(blacklist_clients);
    builder.add("0.0.0.0/0", 7);
    builder.add("*.com", 8);
    builder.add("/./", 9);
    builder.add("192.0.2.1/24", 10);
    const auto list = std::move(builder).build();
    CHECK(list.list->size() == 1);
    REQUIRE(list.problems.size() == 4);
    for (int row = 7; row < 11; ++row) {
        const auto& problem = list.problems[static_cast<std::size_t>(row - 7)];
        CHECK(problem.is_error == (row < 10));
        CHECK_THAT(problem.text,
                   StartsWith("row " + std::to_string(row) + " of blacklist_clients in the database: \""));
    }
    const Lists lists({list.list});
    CHECK(match_of(lists, {.client = "192.0.2.9"}).kind == MatchKind::blacklisted);
    CHECK(match_of(lists, {.client = "203.0.113.9", .client_name = "mx.example.com"}).kind ==
          MatchKind::none);
}
