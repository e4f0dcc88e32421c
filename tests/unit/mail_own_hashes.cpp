// A '#' in the sender's own name is distinguished from inserted ones.
#include "sqlgrey/mail/address.hpp"

#include <random>

#include <catch2/catch.hpp>

using namespace sqlgrey::mail;

namespace {

constexpr const char* to = "bob@example.net";

Sender from(const std::string& name, const char* recipient = to) {
    return sender(name + "@example.org", recipient);
}

// True if accepting the sender deletes a row with that name.
bool takes(const Sender& accepted, const std::string& name) {
    return matches_deverped(accepted.deverped, name, accepted.own_hashes);
}

}  // namespace

TEST_CASE("a name with its own '#' matches only itself") {
    for (const std::string name : {"#", "##", "a#", "#a", "a#b#c", "#-#", "bounces#", "x.#", "#@"}) {
        CAPTURE(name);
        const Sender accepted = from(name);
        CHECK(accepted.deverped == name.substr(0, name.find('@')));
        CHECK(takes(accepted, accepted.name));
        for (const char* stranger : {"alice", "", "ab", "ba", "axbxc", "1-2", "bouncesx", "x.y", "###"})
            CHECK_FALSE(takes(accepted, stranger));
    }
}

TEST_CASE("next to a '#' of the sender's own, an inserted '#' still matches any run of characters") {
    const Sender serial = from("#list-123");
    REQUIRE(serial.deverped == "#list-#");
    CHECK(takes(serial, "#list-77"));
    CHECK_FALSE(takes(serial, "xlist-77"));
    const Sender behind = from("12-newsletter#5");
    REQUIRE(behind.deverped == "#-newsletter#5");
    CHECK(takes(behind, "99-newsletter#5"));
    CHECK_FALSE(takes(behind, "99-newsletter-x-5"));
    const Sender bounce = from("a#bounce-17");
    REQUIRE(bounce.deverped == "a#bounce-#");
    CHECK(takes(bounce, "a#bounce-18"));
    CHECK_FALSE(takes(bounce, "axbounce-18"));
}

TEST_CASE("in an SRS address the forwarder's fields are any text, a '#' in the user is not") {
    const Sender srs = from("srs0=ab12=zz=example.com=jo#e");
    REQUIRE(srs.deverped == "srs0=#=#=example.com=jo#e");
    CHECK(takes(srs, "srs0=cd34=yy=example.com=jo#e"));
    CHECK_FALSE(takes(srs, "srs0=cd34=yy=example.com=joxe"));
    // A sender that looks deverped.
    const Sender forged = from("srs0=#=#=example.com=joe");
    REQUIRE(forged.deverped == "srs0=#=#=example.com=joe");
    CHECK(takes(forged, "srs0=cd34=yy=example.com=joe"));  // an SRS address like any other
    const Sender no_srs = from("srs0x=#=#=example.com=joe");
    CHECK_FALSE(takes(no_srs, "srs0x=cd34=yy=example.com=joe"));
}

TEST_CASE("wildcards of databases and shells are literal next to a '#'") {
    for (const std::string letter : {"*", "?", "[", "]", "%", "_", "!", "\\", "^"}) {
        CAPTURE(letter);
        const Sender accepted = from("#" + letter);
        CHECK(accepted.deverped == "#" + letter);
        CHECK(takes(accepted, "#" + letter));
        CHECK_FALSE(takes(accepted, "#x"));
        CHECK_FALSE(takes(accepted, "x" + letter));
    }
}

TEST_CASE("a '#' in the recipient changes no row's text, and opens no pattern") {
    const Sender named = from("list-#bob-x", "#bob@example.net");
    CHECK(named.deverped == deverp("list-#bob-x", "#bob@example.net"));
    // The recipient's '#' matches an inserted one: SQLgrey 1.8 has RCPT there.
    const Sender odd = from("srs0=a=b=c=d#", "#@example.net");
    CHECK(odd.deverped == deverp("srs0=a=b=c=d#", "#@example.net"));
    CHECK_FALSE(takes(odd, "srs0=x=b=c=d#"));
}

TEST_CASE("names cut at 64 bytes keep their hashes apart") {
    const Sender longest = from(std::string(64, '#'));
    CHECK(longest.deverped == std::string(64, '#'));
    CHECK(takes(longest, std::string(64, '#')));
    CHECK_FALSE(takes(longest, std::string(64, 'x')));
    const Sender cut = from("1a-newsletter" + std::string(80, '#'));
    CHECK(cut.deverped.size() == max_sender_name);
    CHECK_FALSE(takes(cut, "1a-newsletter" + std::string(51, 'x')));
    CHECK(takes(cut, "2b-newsletter" + std::string(52, '#')));
}

TEST_CASE("for any name its own row is deleted, and one without the sender's own '#' is not") {
    std::mt19937 random(20261127);
    const std::string alphabet = "##ab1-.=_+%*";
    for (int round = 0; round < 20000; ++round) {
        std::string name;
        for (auto length = random() % 12; length > 0; --length) name += alphabet[random() % alphabet.size()];
        const Sender accepted = from(name);
        CAPTURE(name, accepted.deverped);
        // The row of a name with an extension is found by the part before it.
        if (name.find('+') == std::string::npos) CHECK(takes(accepted, accepted.name));
        std::string other = accepted.name;
        std::replace(other.begin(), other.end(), '#', 'z');
        if (accepted.own_hashes != 0) CHECK_FALSE(takes(accepted, other));
    }
}
