// The texts of replies: ours (src/greylist/README.md section 3) and those of an administrator's templates.
#include "../../src/service/replies.hpp"

#include <cstdlib>
#include <ctime>

#include <catch2/catch.hpp>

namespace sqlgrey::service {
namespace {

using namespace std::chrono_literals;
using greylist::Outcome;
using greylist::Verdict;

Rules two_zero_zero() {
    Rules rules;
    rules.version = "2.0.0";
    return rules;
}

const Rules usual = two_zero_zero();
const base::Time some_time = base::at(1'795'381'739);

policy::Attempt attempt(std::string_view recipient = "Bob@Example.NET") {
    policy::Attempt attempt;
    attempt.client_address = "192.0.2.25";
    attempt.recipient = recipient;
    return attempt;
}

Outcome passed(Verdict verdict, base::Seconds waited = 0s) {
    Outcome outcome{verdict};
    outcome.waited = waited;
    return outcome;
}

Outcome deferred(Verdict verdict, base::Seconds left = 300s, unsigned rule = 0, base::Seconds delay = 300s) {
    Outcome outcome{verdict};
    outcome.left = left;
    outcome.delay = delay;
    outcome.discrimination_rule = rule;
    return outcome;
}

std::string reply(const Outcome& outcome, const Rules& rules,
                  std::string_view recipient = "Bob@Example.NET") {
    return policy::access_line(reply_to(outcome, attempt(recipient), some_time, rules));
}

// The reply to a first attempt, with that greylist_text.
std::string text(const std::string& greylist_text, base::Seconds left = 300s,
                 std::string_view recipient = "Bob@Example.NET") {
    Rules rules = usual;
    rules.greylist_text = greylist_text;
    return reply(deferred(Verdict::first_attempt, left), rules, recipient);
}

// The header of delayed mail, with that x_greylist_header.
std::string header(const std::string& x_greylist_header, const Outcome& outcome) {
    Rules rules = usual;
    rules.x_greylist_header = x_greylist_header;
    rules.hostname = "mx1.example.net";
    return reply(outcome, rules);
}

void set_zone(const char* zone) {
    REQUIRE(::setenv("TZ", zone, 1) == 0);
    ::tzset();
}

const Outcome delayed = passed(Verdict::reconnect_ok, 400s);
const Outcome whitelisted{Verdict::whitelisted};
const Outcome blacklisted{Verdict::blacklisted};

}  // namespace

TEST_CASE("the header of passing mail gives the reason") {
    const auto why = [](const Outcome& outcome) { return reply(outcome, usual); };
    CHECK(why(passed(Verdict::opted_out)) ==
          "PREPEND X-Greylist: greylisting inactive for a recipient in SQLgrey-2.0.0");
    CHECK(why(passed(Verdict::unsuspicious)) ==
          "PREPEND X-Greylist: not greylisting mail from 192.0.2.25 in SQLgrey-2.0.0");
    CHECK(why(passed(Verdict::domain_awl)) == "PREPEND X-Greylist: domain auto-whitelisted by SQLgrey-2.0.0");
    CHECK(why(passed(Verdict::from_awl)) == "PREPEND X-Greylist: from auto-whitelisted by SQLgrey-2.0.0");
    CHECK(why(passed(Verdict::client_awl)) == "PREPEND X-Greylist: client auto-whitelisted by SQLgrey-2.0.0");
    CHECK(why(delayed) == "PREPEND X-Greylist: delayed 00:06:40 by SQLgrey-2.0.0");
    CHECK(why(passed(Verdict::message_accepted)) ==
          "PREPEND X-Greylist: accepted with another recipient of the message by SQLgrey-2.0.0");
    CHECK(why(whitelisted) == "PREPEND X-Greylist: whitelisted by SQLgrey-2.0.0");
}

TEST_CASE("no header names a recipient, others may read it") {
    for (const auto verdict : {Verdict::opted_out, Verdict::unsuspicious, Verdict::client_awl,
                               Verdict::message_accepted, Verdict::reconnect_ok}) {
        CHECK(reply(passed(verdict), usual).find("xample") == std::string::npos);
        CHECK(reply(passed(verdict), usual).find("ob") == std::string::npos);
    }
}

TEST_CASE("without prepend a pass is dunno, whatever its reason") {
    Rules silent = usual;
    silent.prepend = false;
    for (const auto verdict :
         {Verdict::opted_out, Verdict::unsuspicious, Verdict::domain_awl, Verdict::from_awl,
          Verdict::client_awl, Verdict::reconnect_ok, Verdict::message_accepted}) {
        CHECK(reply(passed(verdict), silent) == "dunno");
    }
    CHECK(reply(whitelisted, silent) == "dunno");
}

TEST_CASE("a request that needs no rule is whitelisted, blacklisted or let pass") {
    Rules rules = usual;
    CHECK(reply(blacklisted, rules) == "554 5.7.1 Mail from here is not accepted");
    rules.blacklist_reply = policy::reply_of("DEFER_IF_PERMIT later");
    CHECK(reply(blacklisted, rules) == "DEFER_IF_PERMIT later");
    CHECK(reply({Verdict::not_a_policy_request}, rules) == "dunno");
    CHECK(reply({Verdict::unusable}, rules) == "dunno");
}

TEST_CASE("first attempts and early retries have an action each, and a throttled source that of the first") {
    Rules rules = usual;
    rules.first_attempt_reply = policy::reply_of("451");
    rules.early_reconnect_reply = policy::reply_of("defer");
    CHECK(reply(deferred(Verdict::first_attempt), rules) == "451 Greylisted for 5 minutes");
    CHECK(reply(deferred(Verdict::early_reconnect), rules) == "defer Greylisted for 5 minutes");
    CHECK(reply(deferred(Verdict::throttled), rules) ==
          "451 Throttling too many connections from new source -  Try again later.");
}

TEST_CASE("an enhanced code of the action precedes the text") {
    Rules rules = usual;
    rules.first_attempt_reply = policy::reply_of("451 4.7.1");
    rules.early_reconnect_reply = policy::reply_of("450 4.2.0");
    CHECK(reply(deferred(Verdict::first_attempt), rules) == "451 4.7.1 Greylisted for 5 minutes");
    CHECK(reply(deferred(Verdict::early_reconnect), rules) == "450 4.2.0 Greylisted for 5 minutes");
    CHECK(reply(deferred(Verdict::throttled), rules) ==
          "451 4.7.1 Throttling too many connections from new source -  Try again later.");
}

TEST_CASE("our own text contains the delay of the triplet, not what is left of it") {
    Rules rules = usual;
    CHECK(reply(deferred(Verdict::early_reconnect, 1s), rules) == "defer_if_permit Greylisted for 5 minutes");
    CHECK(reply(deferred(Verdict::first_attempt, 90s, 0, 90s), rules) ==
          "defer_if_permit Greylisted for 90 seconds");
}

TEST_CASE("greylist_text may contain the time left and the recipient's domain, repeatedly") {
    CHECK(text("wait %s s") == "defer_if_permit wait 300 s");
    CHECK(text("%s %m %s %m", 61s) == "defer_if_permit 61 2 61 2");
    CHECK(text("%m", 60s) == "defer_if_permit 1");
    CHECK(text("%m", 1s) == "defer_if_permit 1");
    CHECK(text("%m", 59s) == "defer_if_permit 1");
    CHECK(text("100%% of %r, %r") == "defer_if_permit 100% of Example.NET, Example.NET");
    CHECK(text("4.2.0 Greylisted, see http://postgrey.schweikert.ch/help/%r.html") ==
          "defer_if_permit 4.2.0 Greylisted, see http://postgrey.schweikert.ch/help/Example.NET.html");
}

TEST_CASE("no deferral says to wait for no time") {
    CHECK(text("%m %s", 0s) == "defer_if_permit 1 1");
    CHECK(text("%m %s", -5s) == "defer_if_permit 1 1");
    Rules rules = usual;
    CHECK(reply(deferred(Verdict::first_attempt, 0s, 0, 0s), rules) ==
          "defer_if_permit Greylisted for 1 seconds");
}

TEST_CASE("the reply to an early retry gives the time left too") {
    Rules rules = usual;
    rules.greylist_text = "wait %s s";
    rules.early_reconnect_reply = policy::reply_of("450");
    CHECK(reply(deferred(Verdict::early_reconnect, 200s), rules) == "450 wait 200 s");
}

TEST_CASE("the number of the rule follows the text if wanted and if there is one") {
    Rules rules = usual;
    const auto by_rule = [](Verdict verdict) { return deferred(verdict, 300s, 7); };
    CHECK(reply(by_rule(Verdict::first_attempt), rules) == "defer_if_permit Greylisted for 5 minutes");
    rules.discrimination_add_rulenr = true;
    CHECK(reply(by_rule(Verdict::first_attempt), rules) == "defer_if_permit Greylisted for 5 minutes (7)");
    CHECK(reply(by_rule(Verdict::early_reconnect), rules) == "defer_if_permit Greylisted for 5 minutes (7)");
    CHECK(reply(deferred(Verdict::first_attempt), rules) == "defer_if_permit Greylisted for 5 minutes");
    rules.greylist_text = "wait %m min";
    CHECK(reply(by_rule(Verdict::first_attempt), rules) == "defer_if_permit wait 5 min (7)");
}

TEST_CASE("the id of a deferral is at the end of the text, however long that is") {
    Rules rules = usual;
    Outcome outcome = deferred(Verdict::first_attempt, 300s, 7);
    outcome.id = "7k3m9q2z";
    CHECK(reply(outcome, rules) == "defer_if_permit Greylisted for 5 minutes (id 7k3m9q2z)");
    rules.discrimination_add_rulenr = true;
    rules.greylist_text = "%r%r%r%r%r";
    const std::string given = reply(outcome, rules, "a@" + std::string(300, 'd'));
    CHECK(given.size() == 499);
    CHECK(given.ends_with("d (7) (id 7k3m9q2z)"));
}

TEST_CASE("a recipient's domain follows the last @, and is escaped") {
    const auto domain = [](std::string_view recipient) {
        return text("<%r>", 1s, recipient).substr(std::string_view{"defer_if_permit "}.size());
    };
    CHECK(domain("\"a@b\"@c.example") == "<c.example>");
    CHECK(domain("bob") == "<bob>");
    CHECK(domain("bob@") == "<>");
    CHECK(domain("a@b\r\n250 OK") == "<b??250?OK>");
    CHECK(domain(std::string_view{"a@b\0c", 5}) == "<b?c>");
    CHECK(domain("a@b\xc3\xbc\xff\x7f\t") == "<b" + std::string(5, '?') + ">");
    CHECK(domain("a@%s%r%%%") == "<%s%r%%%>");
    CHECK(domain("a@" + std::string(100'000, 'd')) == "<" + std::string(255, 'd') + ">");
}

TEST_CASE("a text that becomes empty is replaced by ours") {
    CHECK(text("%r", 300s, "bob@") == "defer_if_permit Greylisted for 5 minutes");
    CHECK(text("%r %r", 300s, "bob@") == "defer_if_permit Greylisted for 5 minutes");
}

TEST_CASE("a reply is never longer than 499 bytes, and keeps the rule's number") {
    const std::string recipient = "a@" + std::string(300, 'd');
    Rules rules = usual;
    rules.discrimination_add_rulenr = true;
    rules.greylist_text = "%r%r%r%r%r";
    const std::string given = reply(deferred(Verdict::first_attempt, 300s, 4'000'000'000), rules, recipient);
    CHECK(given.size() == 499);
    CHECK(given.ends_with("d (4000000000)"));
    CHECK(
        header("X: " + std::string(290, '%') + "%h%h%h%h%h%h%h%h%h%h%h%h%h%h%h%h%h%h%h%h%h%h%h%h%h", delayed)
            .size() == 499);
}

TEST_CASE("the header of an admin is filled in") {
    set_zone("UTC");
    CHECK(header("X-Greylist: delayed %t seconds by postgrey-%v at %h; %d", delayed) ==
          "PREPEND X-Greylist: delayed 400 seconds by postgrey-2.0.0 at mx1.example.net; "
          "Sun, 22 Nov 2026 21:08:59 +0000");
    CHECK(header("X-A: %w, 100%%", passed(Verdict::domain_awl)) ==
          "PREPEND X-A: domain auto-whitelisted by SQLgrey-2.0.0, 100%");
    CHECK(header("X-A: %h %h", passed(Verdict::from_awl)) == "PREPEND X-A: mx1.example.net mx1.example.net");
}

TEST_CASE("the date is that of the zone the machine is in") {
    set_zone("XST-5:30");
    CHECK(header("D: %d", delayed) == "PREPEND D: Mon, 23 Nov 2026 02:38:59 +0530");
    set_zone("WST+3");
    CHECK(header("D: %d", delayed) == "PREPEND D: Sun, 22 Nov 2026 18:08:59 -0300");
}

TEST_CASE("a header with the delay is only for mail that was delayed") {
    Rules rules = usual;
    rules.x_greylist_header = "X-Greylist: delayed %t seconds, %w";
    CHECK(reply(delayed, rules) ==
          "PREPEND X-Greylist: delayed 400 seconds, delayed 00:06:40 by SQLgrey-2.0.0");
    CHECK(
        reply(passed(Verdict::reconnect_ok, 0s), rules).starts_with("PREPEND X-Greylist: delayed 0 seconds"));
    for (const auto verdict : {Verdict::opted_out, Verdict::unsuspicious, Verdict::domain_awl,
                               Verdict::from_awl, Verdict::client_awl, Verdict::message_accepted}) {
        CHECK(reply(passed(verdict), rules) == "dunno");
    }
    CHECK(reply(whitelisted, rules) == "dunno");
    rules.x_greylist_header = "X-Greylist: 100%%t";
    CHECK(reply(passed(Verdict::domain_awl), rules) == "PREPEND X-Greylist: 100%t");
}

TEST_CASE("a reply has the action as a value") {
    const auto value = [](const Outcome& outcome) { return reply_to(outcome, attempt(), some_time, usual); };
    CHECK(value(delayed) ==
          policy::Reply{policy::Action::pass, "", "", "X-Greylist: delayed 00:06:40 by SQLgrey-2.0.0"});
    CHECK(value({Verdict::unusable}) == policy::Reply{});
    CHECK(value(deferred(Verdict::first_attempt)) ==
          policy::Reply{policy::Action::defer, "", "Greylisted for 5 minutes"});
    CHECK(value(blacklisted) ==
          policy::Reply{policy::Action::reject, "554", "5.7.1 Mail from here is not accepted"});
}

TEST_CASE("without the database mail passes or is deferred with words") {
    Rules rules = usual;
    for (const auto verdict : {Verdict::store_unavailable, Verdict::rows_locked}) {
        rules.pass_without_database = true;
        CHECK(reply({verdict}, rules) == "dunno");
        rules.pass_without_database = false;
        CHECK(reply({verdict}, rules) ==
              "defer_if_permit Greylisting cannot look up its database -  Try again later.");
    }
}

}  // namespace sqlgrey::service
