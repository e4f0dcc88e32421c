// Lines of mail logs as many programs write them: all are the same delivery.
#include "sqlgrey/importer/mail_log.hpp"

#include <cstdlib>
#include <ctime>

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace sqlgrey::importer;
using namespace std::string_literals;

namespace {

constexpr base::Time latest = base::at(1'795'000'000);  // 2026-11-18 11:06:40 UTC
constexpr base::Time at = base::at(1'794'996'000);      // 10:00:00

// The time of the delivery in a line, of which "%" is the message.
std::optional<base::Time> delivered(std::string line, const char* zone = "UTC") {
    ::setenv("TZ", zone, 1);
    ::tzset();
    std::optional<base::Time> time;
    MailLog log(latest, [&](const Delivery& delivery) {
        REQUIRE(delivery.client_address == "192.0.2.10");
        time = delivery.at;
    });
    line.replace(line.find('%'), 1, "4F2A1B3C: client=mx1.example.org[192.0.2.10]");
    log.line(line);
    log.line(
        "Nov 18 10:00:01 mx postfix/qmgr[3]: 4F2A1B3C: from=<alice@example.org>, size=1, nrcpt=1 (queue "
        "active)");
    log.end();
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    return time;
}

}  // namespace

TEST_CASE("prefixes of a line") {
    const std::string usual = "Nov 18 10:00:00 mx postfix/smtpd[1201]: %";
    for (const std::string& front :
         {""s, "<22>"s, "mail    | "s, "mail-1  | "s, "\x1b[36mmail-1  | \x1b[0m"s, "mail.log:"s,
          "/var/log/mail.log.1:1723:"s, "[pod/mail-0/postfix] "s, "2026-11-18T10:00:00.123456789Z "s,
          "2026-11-18T10:00:00.123456789Z stdout F "s, "\xef\xbb\xbf"s, std::string(5000, '\0'), " "s}) {
        INFO(front);
        REQUIRE(delivered(front + usual) == at);
    }
}

TEST_CASE("where syslogd of other systems put facility and level") {
    for (const std::string line :
         {"Nov 18 10:00:00 <mail.info> mx postfix/smtpd[1201]: %",
          "Nov 18 10:00:00 mx mail.info postfix/smtpd[1201]: %",
          "Nov 18 10:00:00 mx postfix/smtpd[1201]: [ID 197553 mail.info] %",
          "Nov 18 10:00:00 postfix/smtpd[1201]: %", "Nov 18 10:00:00 mx postfix/smtpd: %",
          "<22>1 2026-11-18T10:00:00.003Z mx postfix/smtpd 1201 - - %",
          "<22>1 2026-11-18T10:00:00.003Z mx postfix/smtpd 1201 - [a b=\"c\"] \xef\xbb\xbf%"}) {
        INFO(line);
        REQUIRE(delivered(line) == at);
    }
}

TEST_CASE("times, as syslog daemons and journalctl write them") {
    for (const std::string stamp :
         {"Nov 18 10:00:00", "Nov 18 10:00:00.123456", "2026 Nov 18 10:00:00", "Nov 18 2026 10:00:00",
          "2026-11-18T10:00:00Z", "2026-11-18T10:00:00+00", "2026-11-18T11:00:00+0100",
          "2026-11-18T05:00:00.1-05:00", "2026-11-18T10:00:00", "2026-11-18 10:00:00",
          "2026-11-18 10:00:00,123", "2026-11-18 11:00:00+01:00", "Wed 2026-11-18 10:00:00 UTC",
          "1794996000.123456", "1794996000"}) {
        INFO(stamp);
        REQUIRE(delivered(stamp + " mx postfix/smtpd[1201]: %") == at);
    }
}

TEST_CASE("a time that names no zone is local") {
    for (const std::string stamp :
         {"Nov 18 11:00:00", "2026-11-18T11:00:00", "Wed 2026-11-18 11:00:00 CET"}) {
        INFO(stamp);
        REQUIRE(delivered(stamp + " mx postfix/smtpd[1201]: %", "CET-1") == at);
    }
    REQUIRE(delivered("Wed 2026-11-18 10:00:00 UTC mx postfix/smtpd[1201]: %", "CET-1") == at);
}

TEST_CASE("a given year counts") {
    REQUIRE(delivered("Nov 18 2025 10:00:00 mx postfix/smtpd[1201]: %") == at - std::chrono::hours{365 * 24});
}

TEST_CASE("invalid times") {
    for (const std::string stamp : {"",
                                    "Nov",
                                    "Nov 18",
                                    "Nov 18 ",
                                    "Nov 18 10:00",
                                    "Nov 0 10:00:00",
                                    "Nov 018 10:00:00",
                                    "Nov 18 10:00:61",
                                    "Nov 18 10:00:00.",
                                    "Nov 18 10:00:00x",
                                    "nov 18 10:00:00",
                                    "2026-13-18T10:00:00Z",
                                    "2026-11-18T",
                                    "2026-11-18",
                                    "2026-11-18T10:00:00+",
                                    "2026-11-18T10:00:00+1",
                                    "2026-11-18T10:00:00+01:",
                                    "2026-11-18T10:00:00+01:0",
                                    "1026-11-18T10:00:00Z",
                                    "Wed 2026-11-18",
                                    "17949960",
                                    "99999999999",
                                    "[ 1234.567890]",
                                    "T10:00:00Z"}) {
        INFO(stamp);
        REQUIRE_FALSE(delivered(stamp + " mx postfix/smtpd[1201]: %"));
    }
}
