// Entries and rules about what p0f says.
#include "lists_fixture.hpp"
#include "sqlgrey/lists/discrimination.hpp"

#include <catch2/catch.hpp>

using namespace lists_test;
using enum sqlgrey::lists::ListName;

namespace {

struct P0f {
    std::string_view os, link, distance;
};

std::int64_t line_for(ListName name, std::string_view text, const P0f& said) {
    const auto list = built(name, text);
    for (const lists::Problem& problem : list.problems)
        if (problem.is_error) throw std::runtime_error(problem.text);
    policy::Attempt attempt{address("203.0.113.77"), "unlisted.invalid", "a@unlisted.invalid",
                            "b@unlisted.invalid"};
    attempt.p0f = {said.os, said.link, said.distance};
    const Match match = Lists({list.list}).match(attempt);
    return match.by ? match.by->line : 0;
}

std::size_t taken(ListName name, const std::string& entry) {
    return built(name, entry).list->size();
}

}  // namespace

TEST_CASE("an entry about p0f matches what it says, in any letter case, and nobody of whom it says nothing") {
    for (const ListName name : {whitelist_clients, never_whitelist_clients, blacklist_clients}) {
        const std::string_view text = "p0f_os:Windows XP\np0f_os: linux 3.*\nP0F_LINK:DSL\np0f_distance:1?\n";
        CHECK(line_for(name, text, {"Windows XP", "", ""}) == 1);
        CHECK(line_for(name, text, {"windows xp", "", ""}) == 1);
        CHECK(line_for(name, text, {"Linux 3.11 and newer", "", ""}) == 2);
        CHECK(line_for(name, text, {"Windows XP SP2", "DSL", "9"}) == 3);
        CHECK(line_for(name, text, {"", "", "12"}) == 4);
        CHECK(line_for(name, text, {"", "", ""}) == 0);
        CHECK(line_for(name, text, {"FreeBSD 9.x", "Ethernet or modem", "9"}) == 0);
        CHECK(line_for(name, text, {"Linux 3x", "", ""}) == 0);     // a dot is a dot
        CHECK(line_for(name, text, {"A Linux 3.1", "", ""}) == 0);  // the whole text, not a part
        CHECK(line_for(name, text, {"DSL", "Windows XP", ""}) == 0);
    }
}

TEST_CASE("other entries and their order are as before") {
    const std::string_view text = "p0f_os:Linux*\n203.0.113.0/24\n";
    CHECK(line_for(whitelist_clients, text, {"Linux", "", ""}) == 2);
    CHECK(line_for(whitelist_clients, text, {"", "", ""}) == 2);
}

TEST_CASE("every other character of a pattern stands for itself") {
    CHECK(line_for(whitelist_clients, "p0f_os:a[b](c)+.\\^$|{1}/", {"a[b](c)+.\\^$|{1}/", "", ""}) == 1);
    CHECK(line_for(whitelist_clients, "p0f_os:a.b", {"axb", "", ""}) == 0);
}

TEST_CASE("an unknown attribute, no pattern and control characters are no entry") {
    for (const char* entry :
         {"p0f_:x", "p0f_os:", "p0f_os:  ", "p0f_uptime:3", "p0f_os:\x01", "p0f_os:\xc3\xa9"}) {
        CAPTURE(entry);
        CHECK(taken(whitelist_clients, entry) == 0);
    }
    CHECK(taken(whitelist_clients, "p0f_os:" + std::string(100, '*')) == 1);
    CHECK(taken(whitelist_clients, "p0f_os:" + std::string(101, '*')) == 0);
    for (const ListName name : {clients_ip_whitelist, clients_fqdn_whitelist, whitelist_recipients})
        CHECK(taken(name, "p0f_os:Linux") == 0);
}

TEST_CASE("an entry for everybody that p0f knows is refused in a blacklist") {
    for (const char* entry : {"p0f_os:*", "p0f_link:?*", "p0f_distance:**"}) {
        CAPTURE(entry);
        CHECK(taken(blacklist_clients, entry) == 0);
        const auto list = built(whitelist_clients, entry);
        CHECK(list.list->size() == 1);
        CHECK_THAT(texts_of(list.problems), Catch::Matchers::StartsWith("warning: "));
    }
}

TEST_CASE("lists know whether one of them looks at p0f") {
    const auto plain = built(whitelist_clients, "192.0.2.1\n").list;
    const auto p0f = built(blacklist_clients, "p0f_os:Windows XP\n").list;
    CHECK_FALSE(Lists({plain}).uses_p0f());
    CHECK(Lists({plain, p0f}).uses_p0f());
    CHECK(Lists({plain}).with({p0f}).uses_p0f());
}

TEST_CASE("a rule about p0f matches once that is known") {
    const Directory dir;
    dir.write("discrimination.regexp", "client_name =~ ^x\np0f_os !~ Linux\np0f_distance =~ ^[0-9]$\n");
    const auto loaded = lists::read_discrimination(dir.path());
    REQUIRE(loaded.problems.empty());
    CHECK(loaded.rules.uses_p0f());
    policy::Request request;
    request.set("client_name", "mx.example.org");
    CHECK_FALSE(loaded.rules.first_match(request));
    request.set("p0f_os", "Linux 3.11 and newer");
    CHECK_FALSE(loaded.rules.first_match(request));
    request.set("p0f_distance", "4");
    CHECK(loaded.rules.first_match(request) == 3U);
    request.set("p0f_os", "Windows XP");
    CHECK(loaded.rules.first_match(request) == 2U);
}

TEST_CASE("rules that do not look at p0f say so") {
    const Directory dir;
    dir.write("discrimination.regexp", "client_name =~ p0f_os\nsender == recipient\n");
    CHECK_FALSE(lists::read_discrimination(dir.path()).rules.uses_p0f());
}
