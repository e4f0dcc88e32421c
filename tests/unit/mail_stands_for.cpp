#include "sqlgrey/mail/address.hpp"

#include <random>

#include <catch2/catch.hpp>

using sqlgrey::mail::stands_for;

namespace {

// The definition, as simple as possible.
bool simply_stands_for(std::string_view deverped, std::string_view name) {
    if (deverped.empty()) return name.empty();
    if (deverped[0] != '#') {
        return !name.empty() && name[0] == deverped[0] &&
               simply_stands_for(deverped.substr(1), name.substr(1));
    }
    for (std::size_t run = 0; run <= name.size(); ++run) {
        if (simply_stands_for(deverped.substr(1), name.substr(run))) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("a deverped name matches the names it came from") {
    CHECK(stands_for("alice", "alice"));
    CHECK(stands_for("bounces-#-#", "bounces-123-45"));
    CHECK(stands_for("prvs=#=alice", "prvs=1234567890=alice"));
    CHECK(stands_for("bounce-#", "bounce-"));
    CHECK(stands_for("#", ""));
    CHECK(stands_for("", ""));
    CHECK(stands_for("#-#-news", "#-#-news"));
}

TEST_CASE("a deverped name matches no other sender") {
    CHECK_FALSE(stands_for("alice", "alicex"));
    CHECK_FALSE(stands_for("alice", "xalice"));
    CHECK_FALSE(stands_for("alice", ""));
    CHECK_FALSE(stands_for("", "alice"));
    CHECK_FALSE(stands_for("bounces-#-#", "bounces-123"));
    CHECK_FALSE(stands_for("a#b", "ab-"));
    CHECK_FALSE(stands_for("a_b", "axb"));
    CHECK_FALSE(stands_for("a%", "axx"));
    CHECK_FALSE(stands_for("a*", "axx"));
    CHECK_FALSE(stands_for("RCPT", "rcpt"));
}

TEST_CASE("a '#' matches as much as the rest of the pattern leaves") {
    CHECK(stands_for("#ab", "aab"));
    CHECK(stands_for("a#a#a", "aaaaa"));
    CHECK(stands_for("##", "x"));
    CHECK_FALSE(stands_for("#a#b", "bbbba"));
    CHECK_FALSE(stands_for(std::string(32, '#') + "b", std::string(64, 'a')));
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
        CHECK(stands_for(deverped, name) == simply_stands_for(deverped, name));
    }
}
