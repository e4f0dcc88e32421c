#include "sqlgrey/mail/address.hpp"

#include <random>

#include <catch2/catch.hpp>

using sqlgrey::mail::matches_deverped;

namespace {

// The definition, as simple as possible.
bool simply_matches(std::string_view deverped, std::string_view name) {
    if (deverped.empty()) return name.empty();
    if (deverped[0] != '#') {
        return !name.empty() && name[0] == deverped[0] && simply_matches(deverped.substr(1), name.substr(1));
    }
    for (std::size_t run = 0; run <= name.size(); ++run) {
        if (simply_matches(deverped.substr(1), name.substr(run))) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("a deverped name matches the names it came from") {
    CHECK(matches_deverped("alice", "alice"));
    CHECK(matches_deverped("bounces-#-#", "bounces-123-45"));
    CHECK(matches_deverped("prvs=#=alice", "prvs=1234567890=alice"));
    CHECK(matches_deverped("bounce-#", "bounce-"));
    CHECK(matches_deverped("#", ""));
    CHECK(matches_deverped("", ""));
    CHECK(matches_deverped("#-#-news", "#-#-news"));
}

TEST_CASE("a deverped name matches no other sender") {
    CHECK_FALSE(matches_deverped("alice", "alicex"));
    CHECK_FALSE(matches_deverped("alice", "xalice"));
    CHECK_FALSE(matches_deverped("alice", ""));
    CHECK_FALSE(matches_deverped("", "alice"));
    CHECK_FALSE(matches_deverped("bounces-#-#", "bounces-123"));
    CHECK_FALSE(matches_deverped("a#b", "ab-"));
    CHECK_FALSE(matches_deverped("a_b", "axb"));
    CHECK_FALSE(matches_deverped("a%", "axx"));
    CHECK_FALSE(matches_deverped("a*", "axx"));
    CHECK_FALSE(matches_deverped("RCPT", "rcpt"));
}

TEST_CASE("a '#' matches as much as the rest of the pattern leaves") {
    CHECK(matches_deverped("#ab", "aab"));
    CHECK(matches_deverped("a#a#a", "aaaaa"));
    CHECK(matches_deverped("##", "x"));
    CHECK_FALSE(matches_deverped("#a#b", "bbbba"));
    CHECK_FALSE(matches_deverped(std::string(32, '#') + "b", std::string(64, 'a')));
}

TEST_CASE("a deverped name matches as the simple definition says, for any name") {
    std::mt19937 random(20261122);
    const auto any = [&](std::string_view alphabet, std::size_t longest) {
        std::string text;
        for (auto length = random() % (longest + 1); length > 0; --length)
            text += alphabet[random() % alphabet.size()];
        return text;
    };
    for (int round = 0; round < 20000; ++round) {
        const std::string deverped = any("ab#", 6);
        const std::string name = any("ab", 8);
        CAPTURE(deverped, name);
        CHECK(matches_deverped(deverped, name) == simply_matches(deverped, name));
    }
}
