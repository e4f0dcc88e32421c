#include "sqlgrey/mail/address.hpp"

#include <random>

#include <catch2/catch.hpp>

using namespace sqlgrey::mail;

namespace sqlgrey::mail {

std::ostream& operator<<(std::ostream& out, const Sender& s) {
    return out << '{' << s.name << " | " << s.domain << " | " << s.deverped << '}';
}

}  // namespace sqlgrey::mail

TEST_CASE("a sender is split at its first @ and lower-cased") {
    CHECK(sender("Alice@Example.ORG", "bob@example.net") == Sender{"alice", "example.org", "alice"});
    CHECK(sender("a@b@c", "bob@example.net") == Sender{"a", "b@c", "a"});
    CHECK(sender("\"a b\"@c", "bob@example.net") == Sender{"\"a b\"", "c", "\"a b\""});
}

TEST_CASE("only ASCII letters are lower-cased") {
    CHECK(sender("\xc3\x9c\xc9Z[@\xc4", "x@y") == Sender{"\xc3\x9c\xc9z[", "\xc4", "\xc3\x9c\xc9z["});
    CHECK(recipient("\xc3\x9cZ`{@B") == "\xc3\x9cz`{@b");
}

TEST_CASE("missing parts of a sender are undefined or empty") {
    CHECK(sender("", "bob@example.net") == Sender{"-undef-", "-undef-", "-undef-"});
    CHECK(sender("root", "bob@example.net") == Sender{"root", "-undef-", "root"});
    CHECK(sender("user@", "bob@example.net") == Sender{"user", "", "user"});
    CHECK(sender("@example.org", "bob@example.net") == Sender{"", "example.org", ""});
    CHECK(sender("@", "bob@example.net") == Sender{"", "", ""});
}

TEST_CASE("the recipient is looked for in any letter case") {
    CHECK(sender("List-Bob=Example.ORG@lists.example.com", "BOB@example.org") ==
          Sender{"list-bob=example.org", "lists.example.com", "list-RCPT"});
}

TEST_CASE("without a recipient, what does not need one is replaced") {
    CHECK(sender("a-123@example.org", "").deverped == "a-#");
    CHECK(sender("list-bounces-4711@example.org", "").deverped == "list-bounces-#");
    CHECK(sender("list-bob=example.net@example.org", "").deverped == "list-bob=example.net");
    CHECK(sender("news+bob=example.net@example.org", "").deverped == "news");
}

TEST_CASE("name, domain and recipient are cut at the width of the columns") {
    const std::string x64(64, 'x');
    CHECK(sender(x64 + "y@" + std::string(256, 'd'), "b@c") == Sender{x64, std::string(255, 'd'), x64});
    CHECK(recipient(std::string(256, 'R')) == std::string(255, 'r'));
    CHECK(recipient("") == "");
}

TEST_CASE("the deverped name is cut after deverping") {
    const std::string serial(80, '1');
    const Sender s = sender("bounces-" + serial + "-to-list@example.org", "b@c");
    CHECK(s.name == "bounces-" + std::string(56, '1'));
    CHECK(s.deverped == "bounces-#-to-list");
    CHECK(sender(std::string(63, 'x') + "-" + serial + "@d", "b@c").deverped == std::string(63, 'x') + "-");
}

TEST_CASE("any bytes from the socket fit the tables") {
    std::mt19937 random(20261122);
    const std::string alphabet = "ABbof09+-_.=*~?#@ /zR\xe9\\";
    const auto any = [&](std::size_t longest) {
        std::string text;
        for (auto length = random() % longest; length > 0; --length)
            text += alphabet[random() % alphabet.size()];
        return text;
    };
    const auto without_rcpt = [](std::string text) {
        const std::size_t at = text.find("RCPT");
        return at == std::string::npos ? text : text.erase(at, 4);
    };
    const auto has_capitals = [](const std::string& text) {
        return text.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos;
    };
    for (int round = 0; round < 3000; ++round) {
        const std::string from = any(round % 10 == 0 ? 512 : 24);
        const std::string to = any(round % 10 == 0 ? 300 : 8);
        CAPTURE(from, to);
        const Sender s = sender(from, to);
        CHECK(s.name.size() <= max_sender_name);
        CHECK(s.domain.size() <= max_domain);
        CHECK(s.deverped.size() <= max_sender_name);
        CHECK(recipient(to).size() <= max_recipient);
        CHECK_FALSE(has_capitals(s.name + s.domain + recipient(to)));
        if (s.deverped.size() < max_sender_name) CHECK_FALSE(has_capitals(without_rcpt(s.deverped)));
        // Normalised forms are stable: normalised again they are the same.
        CHECK(recipient(recipient(to)) == recipient(to));
        CHECK(sender(s.name + "@" + s.domain, to).name == s.name);
        CHECK(s == sender(from, recipient(to) + to.substr(std::min(to.size(), max_recipient))));
    }
}

TEST_CASE("a domain follows the last '@'") {
    CHECK(domain_after_last_at("\"a@b\"@c.example") == "c.example");
    CHECK(domain_after_last_at("bob@") == "");
    CHECK_FALSE(domain_after_last_at("bob"));
    CHECK_FALSE(domain_after_last_at(""));
}

TEST_CASE("the domain of the opt tables is between the first '@' and the next") {
    CHECK(domain_after_first_at("bob@example.net") == "example.net");
    CHECK(domain_after_first_at("a@b@c.example") == "b");
    CHECK(domain_after_first_at("bob@").empty());
    CHECK(domain_after_first_at("bob").empty());
}
