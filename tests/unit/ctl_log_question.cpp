// The log lines that `explain --log` understands; others are refused.
#include "../../src/ctl/log_question.hpp"

#include <catch2/catch.hpp>

namespace sqlgrey::ctl {
namespace {

const std::string rejected =
    "Nov 27 10:00:00 mx postfix/smtpd[812]: NOQUEUE: reject: RCPT from mx1.example.org[192.0.2.10]: 450 "
    "4.7.1 "
    "<bob@example.net>: Recipient address rejected: Greylisted for 5 minutes; from=<alice@example.org> "
    "to=<bob@example.net> proto=ESMTP helo=<helo.example.org>";

MailQuestion mail(std::string_view line) {
    const auto question = question_of(line);
    REQUIRE(question);
    return std::get<MailQuestion>(*question);
}

greylist::Triplet triplet(std::string_view line) {
    const auto question = question_of(line);
    REQUIRE(question);
    return std::get<greylist::Triplet>(*question);
}

const greylist::Triplet waiting{"192.0.2", "example.org", "alice", {}, "bob@example.net"};

}  // namespace

TEST_CASE("a reject of Postfix is a mail") {
    const MailQuestion wanted{"192.0.2.10", "mx1.example.org", "helo.example.org", "alice@example.org",
                              "bob@example.net"};
    CHECK(mail(rejected) == wanted);
    CHECK(mail(rejected + "\n") == wanted);
}

TEST_CASE("an empty sender, an IPv6 client and a queue id are understood") {
    const MailQuestion found = mail(
        "postfix/smtpd[1]: 4X1Y2Z: reject: RCPT from unknown[2001:db8::1]: 450 4.7.1 <b@x.example>: "
        "Recipient address rejected: Greylisted; from=<> to=<b@x.example> proto=SMTP helo=<a>");
    CHECK(found == MailQuestion{"2001:db8::1", "unknown", "a", "", "b@x.example"});
}

TEST_CASE("text in the recipient's name is not taken for the sender") {
    const MailQuestion found = mail(
        "smtpd[1]: NOQUEUE: reject: RCPT from a.example[192.0.2.1]: 450 4.7.1 <\"; from=<evil@x> to=<y\"@z>: "
        "Recipient address rejected: Greylisted; from=<alice@example.org> to=<bob@example.net> proto=ESMTP");
    CHECK(found.sender == "alice@example.org");
    CHECK(found.recipient == "bob@example.net");
}

TEST_CASE("our lines are rows of connect") {
    for (const char* line : {"grey: new: 192.0.2(192.0.2.10), alice@example.org -> bob@example.net",
                             "grey: tarpit: 192.0.2(192.0.2.10), alice@example.org -> bob@example.net (65 s)",
                             "Nov 27 10:00:00 mx sqlgrey: grey: early reconnect: 192.0.2(192.0.2.10), "
                             "alice@example.org -> bob@example.net (id kh03c967)",
                             "grey: 4X1Y2Z: reconnect ok: 192.0.2(192.0.2.10), alice@example.org -> "
                             "bob@example.net (00:05:01)"})
        CHECK(triplet(line) == waiting);
}

TEST_CASE("a line of a list is a mail") {
    CHECK(mail("whitelist: alice@example.org, 192.0.2.10(mx1.example.org) -> bob@example.net") ==
          MailQuestion{"192.0.2.10", "mx1.example.org", "", "alice@example.org", "bob@example.net"});
    CHECK(mail("whitelist: blacklisted: -undef-@-undef-, 192.0.2.10(unknown) -> bob@example.net")
              .sender.empty());
}

TEST_CASE("any other line is refused, however it begins") {
    for (const std::string& line :
         {std::string{}, std::string{"grey: new: "}, std::string{"grey: new: a(b), c@d -> e"},
          std::string{": RCPT from x[192.0.2.1]: 450"}, std::string{"whitelist: a, 1.2.3.4(x)"},
          std::string{"perf: spent 3s cleaning"}, std::string(100'000, '(')})
        CHECK_FALSE(question_of(line).has_value());
    for (std::size_t length = 0; length < rejected.size(); ++length)
        static_cast<void>(question_of(std::string_view{rejected}.substr(0, length)));
}

TEST_CASE("a line about a message with several recipients names no triplet") {
    CHECK_FALSE(question_of("grey: reconnect ok: 192.0.2(192.0.2.10), a@example.org ->  (00:01:05)"));
    CHECK_FALSE(
        question_of("{\"time\": \"2026-11-27T10:00:00Z\", \"verdict\": \"reconnect_ok\", "
                    "\"client_address\": \"192.0.2.10\", \"client_name\": \"unknown\", \"sender\": "
                    "\"alice@example.org\", \"recipient\": \"\"}"));
}

TEST_CASE("lines of log_format = json and postgrey are mails") {
    const MailQuestion wanted{"192.0.2.10", "mx1.example.org", "", "alice@example.org", "bob@example.net"};
    CHECK(mail("Nov 27 10:00:00 mx sqlgrey: {\"time\": \"2026-11-27T10:00:00Z\", \"verdict\": "
               "\"first_attempt\", "
               "\"client_address\": \"192.0.2.10\", \"client_name\": \"mx1.example.org\", \"sender\": "
               "\"alice@example.org\", \"recipient\": \"bob@example.net\", \"left\": 300}") == wanted);
    CHECK(mail("postgrey: 4X1Y2Z: action=pass, reason=triplet found, delay=428, client_name=mx1.example.org, "
               "client_address=192.0.2.10, sender=alice@example.org, recipient=bob@example.net") == wanted);
    CHECK(mail("action=greylist, reason=new, client_name=unknown, client_address=2001:db8::1, "
               "recipient=b@x.example") == MailQuestion{"2001:db8::1", "unknown", "", "", "b@x.example"});
}

TEST_CASE("a line of Postfix whose sender looks like another line is a line of Postfix") {
    const std::string forged =
        "postfix/smtpd[1]: NOQUEUE: reject: RCPT from mx1.example.org[192.0.2.10]: 450 4.7.1 <b@x.example>: "
        "Greylisted; from=<action=pass, client_name=a, client_address=203.0.113.9, recipient=c@x.example> "
        "to=<b@x.example> proto=ESMTP helo=<h>";
    CHECK(mail(forged).client == "192.0.2.10");
    CHECK_FALSE(
        question_of("{\"time\": \"2026-11-27T10:00:00Z\", \"message\": \"error: database unavailable\"}"));
    CHECK_FALSE(question_of("{\"time\": \"2026-11-27T10:00:00Z\", \"client_address\": \"192.0.2.10\""));
    CHECK_FALSE(question_of("action=pass, client_name=a, client_address=nowhere, recipient=c@x.example"));
}

}  // namespace sqlgrey::ctl
