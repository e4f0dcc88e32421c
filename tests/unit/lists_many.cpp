// Large lists give correct answers; speed is not measured here.
#include "lists_fixture.hpp"

#include <catch2/catch.hpp>

using namespace lists_test;
using enum sqlgrey::lists::ListName;

namespace {

constexpr int many = 200'000;

std::string v4(int i) {
    return "10." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 0xff) + "." +
           std::to_string(i & 0xff);
}
std::string v6(int i) {
    return "2001:db8:" + std::to_string(i / 1000) + ":" + std::to_string(i % 1000) + "::1";
}
std::string host(int i) {
    return "host" + std::to_string(i) + ".example" + std::to_string(i % 1000) + ".org";
}

std::int64_t line_of(const Lists& lists, const Who& who) {
    const Match match = match_of(lists, who);
    return match.by ? match.by->line : 0;
}

}  // namespace

TEST_CASE("a list of many networks") {
    lists::ListBuilder builder(clients_ip_whitelist, "/x");
    for (int i = 0; i < many; ++i) {
        // Every second address, so that none are adjacent; shuffled by a step that visits each once.
        const int n = static_cast<int>(static_cast<std::int64_t>(i) * 7919 % many) * 2;
        builder.add(v4(n), 2 * n + 1);
        builder.add(v6(n) + "/127", 2 * n + 2);
    }
    auto list = std::move(builder).build();
    REQUIRE(texts_of(list.problems).find("error") == std::string::npos);  // host bits: warnings
    REQUIRE(list.list->size() == 2 * many);
    const Lists lists({list.list});
    int wrong = 0;
    for (int n = 0; n < 2 * many; ++n) {
        const bool is_listed = n % 2 == 0;
        if (line_of(lists, {.client = v4(n)}) != (is_listed ? 2 * n + 1 : 0)) ++wrong;
        if (line_of(lists, {.client = v6(n)}) != (is_listed ? 2 * n + 2 : 0)) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("a list of many names") {
    lists::ListBuilder builder(clients_fqdn_whitelist, "/x");
    for (int i = 0; i < many; ++i) builder.add((i % 2 == 0 ? "" : "*.") + host(i), i + 1);
    for (int i = 0; i < many; ++i) builder.add(host(0), many + i);
    auto list = std::move(builder).build();
    REQUIRE(list.problems.empty());
    const Lists lists({list.list});
    int wrong = 0;
    for (int i = 0; i < many; ++i) {
        const bool is_host = i % 2 == 0;
        if (line_of(lists, {.client_name = host(i)}) != (is_host ? i + 1 : 0)) ++wrong;
        if (line_of(lists, {.client_name = "mx." + host(i)}) != (is_host ? 0 : i + 1)) ++wrong;
        if (line_of(lists, {.client_name = "x" + host(i)}) != 0) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("a list of many addresses") {
    lists::ListBuilder builder(whitelist_recipients, "/x");
    for (int i = 0; i < many; ++i)
        builder.add("user" + std::to_string(i) + "@" + (i % 2 ? host(i) : ""), i + 1);
    auto list = std::move(builder).build();
    REQUIRE(list.problems.empty());
    const Lists lists({list.list});
    int wrong = 0;
    for (int i = 0; i < many; ++i) {
        const std::string user = "User" + std::to_string(i);
        if (line_of(lists, {.recipient = user + "+x@" + host(i)}) != i + 1) ++wrong;
        if (line_of(lists, {.recipient = user + "@" + host(i + 1)}) != (i % 2 ? 0 : i + 1)) ++wrong;
    }
    CHECK(wrong == 0);
}
