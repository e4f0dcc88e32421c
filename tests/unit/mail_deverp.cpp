// Single-use sender names. tests/unit/data/deverp.tsv has the results of SQLgrey 1.8 for some hundred
// realistic and hostile names.
#include "sqlgrey/mail/address.hpp"

#include <fstream>

#include <catch2/catch.hpp>

using sqlgrey::mail::deverp;

TEST_CASE("names are deverped as in SQLgrey 1.8") {
    std::ifstream file(SOURCE_DIR "/tests/unit/data/deverp.tsv");
    std::string line;
    REQUIRE(std::getline(file, line));
    REQUIRE(line == "name\trecipient\tdeverped");
    int rows = 0;
    for (; std::getline(file, line); ++rows) {
        const std::size_t first = line.find('\t');
        const std::size_t second = line.find('\t', first + 1);
        REQUIRE(second != std::string::npos);
        CAPTURE(line);
        CHECK(deverp(line.substr(0, first), line.substr(first + 1, second - first - 1)) ==
              line.substr(second + 1));
    }
    CHECK(rows >= 300);
}

TEST_CASE("the names of mailing lists and mass mailers") {
    struct Row {
        const char* name;
        const char* deverped;
    };
    const auto row = GENERATE(values<Row>({
        // Plain names are unchanged.
        {"alice.smith", "alice.smith"},
        {"no-reply", "no-reply"},
        {"mailer-daemon", "mailer-daemon"},
        // Extensions are removed, with the VERP of Sympa, ezmlm, SendGrid.
        {"alice+tag", "alice"},
        {"list-bounces+bob=ex.org", "list-bounces"},
        {"bounces+11519429-5c78-bob=ex.org", "bounces"},
        // VERP of Mailman, ezmlm, Majordomo, Yahoo Groups.
        {"list-bounces-bob=ex.org", "list-bounces-RCPT"},
        {"list-return-12345-bob=ex.org", "list-return-#-RCPT"},
        {"owner-list=bob-ex-org", "owner-list=RCPT-ex-org"},
        {"sentto-1234567-890-1122334455-bob=ex.org", "sentto-#-#-#-RCPT"},
        // BATV.
        {"prvs=1234567890=alice", "prvs=#=alice"},
        {"btv1==489040e8aa2==mailbox", "btv1==#==mailbox"},
        {"msprvs1=20412abc=bounces-123-45", "msprvs1=#=bounces-#-#"},
        // SRS.
        {"srs0=abcd=zz=example.com=joe", "srs0=#=#=example.com=joe"},
        {"srs1=xyzt=fwd.example==abcd=zz=example.com=joe", "srs1=#=fwd.example==#=#=example.com=joe"},
        // Mandrill, Mailchimp, Constant Contact.
        {"bounce-md_10612303.5adf1f70.v1-0f66aa01bb02", "bounce-#"},
        {"bounce-mc.us12_345678.901234-1a2b3c", "bounce-#"},
        {"notice-return-1234-abcd", "notice-return-#"},
        // Amazon SES: the first block is kept, as in SQLgrey 1.8.
        {"01000156e5986888-b6a0e7cf-dc11-4c3c-be7b-06d369aed7a1-000000", "01000156e5986888-#-#-#-#-#-#"},
        {"010f018d0a1b2c3d-0123-mail.sending", "#-#-mail.sending"},
        // Words that happen to be hexadecimal.
        {"decade-face-news", "#-#-news"},
    }));
    CAPTURE(row.name);
    CHECK(deverp(row.name, "bob@ex.org") == row.deverped);
}

TEST_CASE("the recipient is masked in its first place only, with the longest separators") {
    CHECK(deverp("x-bob-bob", "bob@ex.org") == "x-RCPT-bob");
    CHECK(deverp("x-bob?~.=ex.*-.org-y", "bob@ex.org") == "x-RCPT-y");
    CHECK(deverp("x-ex.org~bob-y", "bob@ex.org") == "x-RCPT-y");
}

TEST_CASE("the recipient needs a bound on one side") {
    CHECK(deverp("bob", "bob@ex.org") == "bob");
    CHECK(deverp("xbob", "bob@ex.org") == "xbob");
    CHECK(deverp("xbob-", "bob@ex.org") == "xRCPT-");
    CHECK(deverp("-bobx", "bob@ex.org") == "-RCPTx");
    CHECK(deverp("_bob_", "bob@ex.org") == "_bob_");
}

TEST_CASE("a run of separators leaves what the rest of the recipient needs") {
    CHECK(deverp("x=q.--z=y", "q.-z@y") == "x=RCPT");
    CHECK(deverp("x=q-z=y", "q.-z@y") == "x=q-z=y");
    CHECK(deverp("a==b-", "a@=b") == "RCPT-");
}

TEST_CASE("characters of regular expressions are literal in a recipient") {
    CHECK(deverp("list-abc-x", "a.*@z") == "list-#-x");
    CHECK(deverp("list-(bob|x)-y", "(bob|x)@z") == "list-RCPT-y");
    CHECK(deverp("list-[z$]^-y", "[z$]^@z") == "list-RCPT-y");
    CHECK(deverp("list-\\q-y", "\\q@z") == "list-RCPT-y");
}

TEST_CASE("hostile names of any shape end") {
    // Each of these would keep a backtracking matcher busy for very long.
    const std::string dashes(2000, '-');
    std::string dots_in_name;
    std::string dots_in_recipient;
    for (int i = 0; i < 500; ++i) {
        dots_in_name += "-.";
        dots_in_recipient += ".-";
    }
    CHECK(deverp(dashes, std::string(200, '.') + "x@" + std::string(200, '.') + "y").size() == dashes.size());
    CHECK(deverp(dots_in_name, dots_in_recipient + "x@y") == dots_in_name);
    CHECK(deverp(std::string(2000, 'a') + "!", std::string(999, 'a') + "@b").size() == 2001);
    CHECK(deverp(std::string(2000, '='), "a@b").size() == 2000);
}
