// Entries about senders and recipients.
#include "lists_fixture.hpp"

#include <catch2/catch.hpp>

using namespace lists_test;
using enum sqlgrey::lists::ListName;

namespace {
const auto sender_lists = {whitelist_senders, never_whitelist_senders, blacklist_senders};
}

TEST_CASE("user@ is a recipient in any domain, with an extension too") {
    CHECK(line_for_recipient("postmaster@", "postmaster@example.org") == 1);
    CHECK(line_for_recipient("postmaster@", "Postmaster@EXAMPLE.org") == 1);
    CHECK(line_for_recipient("PostMaster@", "postmaster+x@a.example.net") == 1);
    CHECK(line_for_recipient("postmaster@", "postmaster+x+y@a.example.net") == 1);
    CHECK(line_for_recipient("postmaster@", "postmaster") == 1);
    CHECK(line_for_recipient("postmaster@", "thepostmaster@example.org") == 0);
    CHECK(line_for_recipient("postmaster@", "postmasters@example.org") == 0);
    CHECK(line_for_recipient("postmaster@", "postmaster@evil@example.org") == 0);
    CHECK(line_for_recipient("postmaster@", "") == 0);
}

TEST_CASE("user@domain is that address, with an extension too") {
    CHECK(line_for_recipient("User@Example.org", "uSER@eXAMPLE.org") == 1);
    CHECK(line_for_recipient("user@example.org", "user+a@example.org") == 1);
    CHECK(line_for_recipient("user@example.org", "user+a+b@example.org") == 1);
    CHECK(line_for_recipient("user+a@example.org", "user+a@example.org") == 1);
    CHECK(line_for_recipient("user+a@example.org", "user+a+b@example.org") == 1);
    CHECK(line_for_recipient("user+a@example.org", "user+b@example.org") == 0);
    CHECK(line_for_recipient("user+a@example.org", "user@example.org") == 0);
    CHECK(line_for_recipient("user@example.org", "user@mx.example.org") == 0);
    CHECK(line_for_recipient("user@example.org", "auser@example.org") == 0);
    CHECK(line_for_recipient("user@example.org", "user") == 0);
    CHECK(line_for_recipient("user@[192.0.2.1]", "user@[192.0.2.1]") == 1);
    CHECK(line_for_recipient("\"a@b\"@example.org", "\"a@b\"@example.org") == 1);
    CHECK(line_for_recipient("j\xc3\xbcrgen@m\xc3\xbcller.example", "j\xc3\xbcrgen@m\xc3\xbcller.example") ==
          1);
}

TEST_CASE("a recipient's domain matches itself and all below it, with @ only itself") {
    CHECK(line_for_recipient("example.org", "user@example.org") == 1);
    CHECK(line_for_recipient("Example.ORG", "user@a.b.EXAMPLE.org") == 1);
    CHECK(line_for_recipient("example.org", "user@anexample.org") == 0);
    CHECK(line_for_recipient("example.org", "example.org@invalid") == 0);
    CHECK(line_for_recipient("example.org", "example.org") == 0);
    CHECK(line_for_recipient("@example.org", "user@example.org") == 1);
    CHECK(line_for_recipient("@example.org", "user@a.example.org") == 0);
}

TEST_CASE("an expression is searched in the whole recipient, in any letter case") {
    CHECK(line_for_recipient("/^(sales|info)@example\\.org$/", "INFO@Example.org") == 1);
    CHECK(line_for_recipient("/^(sales|info)@example\\.org$/", "noinfo@example.org") == 0);
    CHECK(line_for_recipient("/@EXAMPLE/", "a@example.net") == 1);
}

TEST_CASE("however many '+' an address has, the user before the first is found") {
    const std::string many(300, '+');
    CHECK(line_for_recipient("user@", "user" + many + "@example.org") == 1);
    CHECK(line_for_recipient("user@", many + "user@example.org") == 0);
    CHECK(line_for_recipient("user@", "x+user@example.org") == 0);
}

TEST_CASE("user@domain is that sender and no other") {
    for (const ListName name : sender_lists) {
        CAPTURE(text_of(name));
        CHECK(line_for_sender(name, "User@example.org", "user@EXAMPLE.org") == 1);
        CHECK(line_for_sender(name, "user@example.org", "user+a@example.org") == 0);
        CHECK(line_for_sender(name, "user@example.org", "user@a.example.org") == 0);
        CHECK(line_for_sender(name, "user@example.org", "user") == 0);
    }
}

TEST_CASE("a sender's domain is exactly that one, with a dot in front all below it too") {
    for (const ListName name : sender_lists) {
        for (const char* entry : {"example.org", "@example.org", "@EXAMPLE.org"}) {
            CAPTURE(text_of(name), entry);
            CHECK(line_for_sender(name, entry, "user@Example.org") == 1);
            CHECK(line_for_sender(name, entry, "user@a.example.org") == 0);
            CHECK(line_for_sender(name, entry, "user@anexample.org") == 0);
            CHECK(line_for_sender(name, entry, "example.org") == 0);
            CHECK(line_for_sender(name, entry, "") == 0);
        }
        CHECK(line_for_sender(name, ".example.org", "user@example.org") == 1);
        CHECK(line_for_sender(name, ".example.org", "user@A.b.example.org") == 1);
        CHECK(line_for_sender(name, ".example.org", "user@anexample.org") == 0);
    }
}

TEST_CASE("<> is the empty sender") {
    for (const ListName name : sender_lists) {
        CAPTURE(text_of(name));
        CHECK(line_for_sender(name, "<>", "") == 1);
        CHECK(line_for_sender(name, "<>", "<>") == 1);
        CHECK(line_for_sender(name, "<>", "user@example.org") == 0);
        CHECK(line_for_sender(name, "/^$/", "") == 1);
    }
}

TEST_CASE("an expression is searched in the whole sender, in any letter case") {
    CHECK(line_for_sender(blacklist_senders, "/^bounce.*@news\\./", "Bounce-12@NEWS.example.org") == 1);
    CHECK(line_for_sender(blacklist_senders, "/^bounce.*@news\\./", "a@news.example.org") == 0);
}

TEST_CASE("if senders need a name, the client's must be the sender's domain or below it") {
    const auto whitelisted = [](const std::string& entry, const std::string& sender,
                                const std::string& name) {
        return deciding_line(whitelist_senders, entry, {.client_name = name, .sender = sender},
                             {.senders_need_name = true}) == 1;
    };
    CHECK(whitelisted("@example.org", "user@example.org", "example.org"));
    CHECK(whitelisted("@example.org", "user@EXAMPLE.org", "mx.Example.ORG"));
    CHECK(whitelisted("user@example.org", "user@example.org", "a.b.example.org"));
    CHECK(whitelisted("/@example/", "user@example.org", "mx.example.org"));
    CHECK(whitelisted(".example.org", "user@a.example.org", "mx.a.example.org"));
    CHECK_FALSE(whitelisted(".example.org", "user@a.example.org", "mx.example.org"));
    CHECK_FALSE(whitelisted("@example.org", "user@example.org", "anexample.org"));
    CHECK_FALSE(whitelisted("@example.org", "user@example.org", "unknown"));
    CHECK_FALSE(whitelisted("@example.org", "user@example.org", ""));
    CHECK_FALSE(whitelisted("<>", "", "mx.example.org"));
    CHECK_FALSE(whitelisted("/user/", "user", "user"));
    CHECK_FALSE(whitelisted("/unknown/", "user@unknown", "unknown"));
}

TEST_CASE("whitelist_senders_verified applies to whitelist_senders only") {
    for (const ListName name : {blacklist_senders, never_whitelist_senders})
        CHECK(deciding_line(name, "@example.org", {.sender = "user@example.org"},
                            {.senders_need_name = true}) == 1);
}
