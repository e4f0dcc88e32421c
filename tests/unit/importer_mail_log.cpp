// Deliveries found in mail logs.
#include "sqlgrey/importer/mail_log.hpp"

#include <cstdlib>
#include <ctime>
#include <random>

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace sqlgrey::importer;
using namespace std::chrono_literals;

namespace {

constexpr base::Time latest = base::at(1'795'000'000);  // 2026-11-18 11:06:40 UTC

struct Utc {
    Utc() {
        ::setenv("TZ", "UTC", 1);
        ::tzset();
    }
};

struct Result {
    std::vector<Delivery> found;
    int refused = 0;
    int others = 0;
};

Result read(const std::vector<std::string>& lines, base::Time until = latest) {
    static const Utc utc;
    Result result;
    MailLog log(until, [&](const Delivery& delivery) { result.found.push_back(delivery); });
    for (const std::string& line : lines) {
        const LineKind kind = log.line(line);
        result.refused += kind == LineKind::not_understood ? 1 : 0;
        result.others += kind == LineKind::other_program ? 1 : 0;
    }
    log.end();
    return result;
}

std::string postfix(const std::string& program, const std::string& message) {
    return "Nov 18 10:00:00 mx postfix/" + program + "[123]: " + message;
}

// A message from that client, as Postfix logs it.
std::vector<std::string> message(const std::string& client, const std::string& sender = "alice@example.org") {
    return {postfix("smtpd", "4F2A1B3C: client=" + client),
            postfix("cleanup", "4F2A1B3C: message-id=<1@example.org>"),
            postfix("qmgr", "4F2A1B3C: from=<" + sender + ">, size=500, nrcpt=1 (queue active)"),
            postfix("virtual", "4F2A1B3C: to=<bob@example.net>, relay=virtual, delay=0.1, status=sent (ok)"),
            postfix("qmgr", "4F2A1B3C: removed")};
}

base::Time time_of(const std::string& stamp, base::Time until = latest) {
    const auto found =
        read({stamp + " mx postgrey[1]: action=pass, reason=triplet found, client_name=a.example, "
                      "client_address=192.0.2.1, recipient=bob@example.net"},
             until)
            .found;
    return found.empty() ? base::at(0) : found.at(0).at;
}

}  // namespace

TEST_CASE("a message from a client: sender, recipient, time") {
    const auto found = read(message("mx1.example.org[192.0.2.10]")).found;
    REQUIRE(found == std::vector<Delivery>{{*net::parse_address("192.0.2.10"),
                                            "192.0.2.10",
                                            "mx1.example.org",
                                            "alice@example.org",
                                            {"bob@example.net"},
                                            base::at(1'794'996'000),
                                            base::at(1'794'996'000)}});
}

TEST_CASE("clients as Postfix writes them") {
    REQUIRE(read(message("unknown[192.0.2.10]")).found.at(0).client_name == "unknown");
    REQUIRE(read(message("mx1.example.org[192.0.2.10]:2525")).found.at(0).client_address == "192.0.2.10");
    REQUIRE(read(message("mx1.example.org[2001:db8::1]")).found.at(0).client_address == "2001:db8::1");
    REQUIRE(read(message("mx1.example.org[IPv6:2001:db8::1]")).found.at(0).client_address == "2001:db8::1");
    REQUIRE(read(message("unknown[unknown]")).refused == 1);
    REQUIRE(read(message("nonsense")).refused == 1);
}

TEST_CASE("mail of this machine and of users who logged in is left out") {
    REQUIRE(read(message("localhost[127.0.0.1]")).found.empty());
    REQUIRE(read(message("localhost[::1]")).found.empty());
    REQUIRE(
        read(message("home.example.com[198.51.100.9], sasl_method=PLAIN, sasl_username=bob")).found.empty());
    REQUIRE(read({postfix("pickup", "4F2A1B3C: uid=0 from=<root>"), message("")[2]}).found.empty());
}

TEST_CASE("with a proxy on this machine the client of the proxy counts") {
    const auto found =
        read(message("localhost[127.0.0.1], orig_queue_id=4F2A1B3D, orig_client=mx1.example.org[192.0.2.10]"))
            .found;
    REQUIRE(found.at(0).client_address == "192.0.2.10");
    REQUIRE(found.at(0).client_name == "mx1.example.org");
}

TEST_CASE("only queued messages were accepted") {
    auto lines = message("mx1.example.org[192.0.2.10]");
    lines.erase(lines.begin() + 2);
    REQUIRE(read(lines).found.empty());
    REQUIRE(read({postfix("smtpd",
                          "NOQUEUE: reject: RCPT from mx1.example.org[192.0.2.10]: 450 4.7.1 Greylisted; "
                          "from=<alice@example.org> to=<bob@example.net> proto=ESMTP"),
                  postfix("smtpd", "connect from mx1.example.org[192.0.2.10]"),
                  postfix("smtpd", "warning: client=mx1.example.org[192.0.2.10]"), ""})
                .found.empty());
}

TEST_CASE("messages overlap, and queue ids are reused") {
    const auto a = message("a.example[192.0.2.1]", "a@example.org");
    auto b = message("b.example[192.0.2.2]", "b@example.org");
    for (auto& line : b) line.replace(line.find("4F2A1B3C"), 8, "3ab9QQ0z1x");
    const auto found = read({a[0], b[0], b[2], a[2], b[3], a[3], a[4], a[0], a[2], b[4]}).found;
    REQUIRE(found.size() == 3);
    REQUIRE(found.at(0).sender == "a@example.org");
    REQUIRE(found.at(1).sender == "b@example.org");
    REQUIRE(found.at(2).recipients.empty());
}

TEST_CASE("a log that ends, or begins, in the middle of a message") {
    auto lines = message("mx1.example.org[192.0.2.10]");
    lines.pop_back();
    REQUIRE(read(lines).found.size() == 1);
    lines.erase(lines.begin());
    REQUIRE(read(lines).found.empty());
}

TEST_CASE("the recipient that the client named, of ten at most") {
    auto lines = message("mx1.example.org[192.0.2.10]");
    lines[3] =
        postfix("lmtp", "4F2A1B3C: to=<bob@internal>, orig_to=<info@example.net>, relay=x[1], status=sent");
    REQUIRE(read(lines).found.at(0).recipients == std::vector<std::string>{"info@example.net"});
    for (int i = 0; i < 50; ++i) lines.insert(lines.begin() + 3, lines[3]);
    REQUIRE(read(lines).found.at(0).recipients.size() == 10);
}

TEST_CASE("senders that try to look like more of the line") {
    const auto sender_of = [](const std::string& sender) {
        return read(message("mx1.example.org[192.0.2.10]", sender)).found.at(0).sender;
    };
    REQUIRE(sender_of("") == "");
    REQUIRE(sender_of("\"x>, size=1, from=<y\"@example.org") == "\"x>, size=1, from=<y\"@example.org");
    REQUIRE(sender_of("removed") == "removed");
}

TEST_CASE("other names of the same programs") {
    auto lines = message("mx1.example.org[192.0.2.10]");
    for (auto& line : lines) line.replace(line.find("postfix/"), 8, "postfix-in/smtps/");
    REQUIRE(read(lines).found.size() == 1);
}

TEST_CASE("classic times have no year: the last one that is not in the future") {
    REQUIRE(time_of("Nov 18 11:06:40") == latest);
    REQUIRE(time_of("Nov 19 11:06:40") == latest + 24h);  // a clock slightly ahead
    REQUIRE(time_of("Nov 19 11:06:41") == latest + 24h + 1s - 365 * 24h);
    REQUIRE(time_of("Dec  1 00:00:00") == base::at(1'764'547'200));
    REQUIRE(time_of("Jan  2 03:04:05") == base::at(1'767'323'045));
    REQUIRE(time_of("Dec 31 23:59:59", base::at(1'767'225'600)) == base::at(1'767'225'599));
}

TEST_CASE("times of ISO 8601") {
    REQUIRE(time_of("2026-11-18T12:06:40+01:00") == latest);
    REQUIRE(time_of("2026-11-18T12:06:40.123456+01:00") == latest);
    REQUIRE(time_of("2026-11-18T06:06:40-0500") == latest);
    REQUIRE(time_of("2026-11-18T11:06:40Z") == latest);
    REQUIRE(time_of("2024-02-29T00:00:00Z") == base::at(1'709'164'800));
}

TEST_CASE("a line of ours with an invalid time is reported") {
    for (const std::string stamp :
         {"2026-02-30T00:00:00Z", "2026-11-18T25:00:00Z", "2026-11-18T11:06", "2026-11-18T11:06:40+99:00",
          "Nov 32 11:06:40", "Foo 18 11:06:40", "Nov 18 11:60:40", "Nov 18 1a:06:40"}) {
        INFO(stamp);
        REQUIRE(time_of(stamp) == base::at(0));
        const std::string line = stamp + " mx postfix/smtpd[1]: 4F2A1B3C: client=a[192.0.2.1]";
        REQUIRE(read({line}).refused == 1);
    }
}

TEST_CASE("lines of other programs are distinguished from lines not understood") {
    const auto line = [](const std::string& text) {
        return MailLog(latest, [](const Delivery&) {}).line(text);
    };
    for (const std::string text :
         {"Nov 18 10:00:00 mx postfix/smtpd[1]: connect from mx1.example.org[192.0.2.10]",
          "Nov 18 10:00:00 mx postfix/postfix-script[1]: starting the Postfix mail system",
          "Nov 18 10:00:00 mx mx-in/qmgr[1]: 4F2A1B3C: removed",
          "Nov 18 10:00:00 mx postgrey[9]: action=pass, reason=client whitelist"}) {
        INFO(text);
        REQUIRE(line(text) == LineKind::relevant);
    }
    for (const std::string text :
         {"", "  ", "-- Boot 3f1c --", "Nov 18 10:00:00 mx dovecot: imap-login: Login: user=<bob>",
          "Nov 18 10:00:00 mx last message repeated 2 times", "Nov 18 10:00:00 mx smtpd[1]: smtp connected",
          "Nov 18 10:00:00 mx opendkim/smtpx[1]: x", "Nov 18 10:00:00"}) {
        INFO(text);
        REQUIRE(line(text) == LineKind::other_program);
    }
    for (const std::string text :
         {"root:x:0:0:root:/root:/bin/bash",
          "\x7f"
          "ELF",
          "4F2A1B3C: client=mx1.example.org[192.0.2.10]",
          "Απρ 15 12:20:28 mx postfix/smtpd[1]: connect from mx1.example.org[192.0.2.10]",
          "mx postfix/smtpd[1]: connect from mx1.example.org[192.0.2.10]"}) {
        INFO(text);
        REQUIRE(line(text) == LineKind::not_understood);
    }
}

TEST_CASE("a line with an unknown time hides no line inside a sender's text") {
    const std::string forged =
        "Nov 18 10:00:00 mx postfix/smtpd[1]: 4F2A1B3C: client=evil.example[203.0.113.1]";
    for (const std::string start : {"Απρ 15 12:20:28 mx postfix/smtpd[1]: helo=<", "no time at all <", ""}) {
        const auto result =
            read({start + forged, postfix("qmgr", "4F2A1B3C: from=<a@example.org>, size=1, nrcpt=1")});
        INFO(start);
        REQUIRE(result.found.size() == (start.empty() ? 1 : 0));
    }
}

TEST_CASE("postgrey: triplets that passed, with their delay, and clients that are trusted") {
    const std::string tail =
        "client_name=mx1.example.org, client_address=192.0.2.10, sender=alice@example.org, "
        "recipient=bob@example.net";
    const auto pass = [&](const std::string& reason, const std::string& rest) {
        return read({"Nov 18 10:00:00 mx postgrey[9]: action=pass, reason=" + reason + ", " + rest}).found;
    };
    const base::Time at = base::at(1'794'996'000);
    const Delivery plain{*net::parse_address("192.0.2.10"),
                         "192.0.2.10",
                         "mx1.example.org",
                         "alice@example.org",
                         {"bob@example.net"},
                         at,
                         at};
    REQUIRE(pass("triplet found", tail) == std::vector<Delivery>{plain});
    REQUIRE(pass("triplet found", "delay=312, " + tail).at(0).first == at - 312s);
    REQUIRE(pass("client AWL", tail).at(0).client_trusted);
    REQUIRE(read({"Nov 18 10:00:00 mx postgrey[9]: 4F2A1B3C: action=pass, reason=client AWL, " + tail})
                .found.size() == 1);
    const std::string bounce =
        "client_name=mx1.example.org, client_address=192.0.2.10, recipient=bob@example.net";
    REQUIRE(pass("triplet found", bounce).at(0).sender.empty());
    const std::string odd =
        "client_name=mx1.example.org, client_address=192.0.2.10, sender=\"x, recipient=y\"@z, "
        "recipient=bob@example.net";
    REQUIRE(pass("triplet found", odd).at(0).sender == "\"x, recipient=y\"@z");
    REQUIRE(pass("client whitelist", tail).empty());
    REQUIRE(read({"Nov 18 10:00:00 mx postgrey[9]: action=greylist, reason=new, " + tail}).found.empty());
    REQUIRE(read({"Nov 18 10:00:00 mx postgrey[9]: action=pass, reason=client AWL, client_name=a, "
                  "client_address=nowhere, recipient=b"})
                .refused == 1);
}

TEST_CASE("memory is bounded: of too many open messages the oldest counts as complete") {
    static const Utc utc;
    std::size_t found = 0;
    MailLog log(latest, [&](const Delivery&) { ++found; });
    for (std::size_t i = 0; i < MailLog::most_messages + 1000; ++i) {
        const std::string id = "Q" + std::to_string(1'000'000 + i);
        log.line(postfix("smtpd", id + ": client=a.example[192.0.2.1]"));
        if (i % 2) log.line(postfix("qmgr", id + ": from=<a@example.org>, size=1, nrcpt=1 (queue active)"));
    }
    REQUIRE(found == 500);
    log.end();
    REQUIRE(found == (MailLog::most_messages + 1000) / 2);
}

TEST_CASE("a log of any bytes is survived") {
    std::minstd_rand random{3};
    const std::vector<std::string> pieces{"Nov 18 10:00:00 ",
                                          "2026-11-18T11:06:40Z ",
                                          "mx ",
                                          "postfix/smtpd[1]: ",
                                          "postfix/qmgr[1]: ",
                                          "postgrey[1]: ",
                                          "4F2A1B3C: ",
                                          "client=",
                                          "from=<",
                                          "to=<",
                                          "orig_to=<",
                                          ">, size=",
                                          ">, relay=",
                                          "removed",
                                          "a[192.0.2.1]",
                                          "[",
                                          "]",
                                          "action=pass, ",
                                          "reason=client AWL, ",
                                          "recipient=",
                                          "sender=",
                                          "delay=-99999999999999999999, ",
                                          "client_address=192.0.2.1, ",
                                          ", ",
                                          std::string("\0\xff", 2),
                                          "<22>",
                                          "1 ",
                                          "mail | ",
                                          "mail.log:",
                                          "\x1b[36m",
                                          "\x1b[",
                                          "\xef\xbb\xbf",
                                          "stdout F ",
                                          "[ID 1 mail.info] ",
                                          "Nov 18 2026 10:00:00.",
                                          "Wed 2026-11-18 10:00:00 UTC ",
                                          "2026-11-18 10:00:00+",
                                          "1794996000.",
                                          "- ",
                                          "=",
                                          ">"};
    std::vector<std::string> lines;
    for (int i = 0; i < 40000; ++i) {
        std::string line;
        for (unsigned n = random() % 12; n > 0; --n) line += pieces[random() % pieces.size()];
        lines.push_back(line);
    }
    REQUIRE(read(lines).found.size() < lines.size());
}
