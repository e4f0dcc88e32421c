// What the test suite of RFC 7208 does not look at: limits, hostile records, what is asked, which term
// decided.
#include "sqlgrey/spf/record.hpp"
#include "unit/spf_zone.hpp"

#include <catch2/catch.hpp>

namespace sqlgrey::spf {
namespace {

using net::RecordType;

const std::string domain = "example.org";

Check from(const char* client, const std::string& sender = "alice@example.org") {
    return {net::parse_address(client).value(), "mx.example.org", sender};
}

Zone zone_of(const std::string& record) {
    Zone zone;
    zone.add(domain, RecordType::txt, record);
    return zone;
}

Verdict verdict(const Zone& zone, const char* client = "10.1.2.3") {
    return check(zone, from(client)).result.verdict;
}

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

}  // namespace

TEST_CASE("the terms that decided are named from the domain's record inwards") {
    Zone zone = zone_of("v=spf1 mx include:one.example ~all");
    zone.add("one.example", RecordType::txt, "v=spf1 ip4:10.9.9.9 include:two.example -all");
    zone.add("two.example", RecordType::txt, "v=spf1 ip4:10.1.2.0/24");
    const Result passed = check(zone, from("10.1.2.3")).result;
    CHECK(passed.verdict == Verdict::pass);
    CHECK(passed.domain == domain);
    CHECK(passed.terms ==
          std::vector<std::string>{"include:one.example", "include:two.example", "ip4:10.1.2.0/24"});
    const Result other = check(zone, from("10.2.2.3")).result;
    CHECK(other.verdict == Verdict::softfail);
    CHECK(other.terms == std::vector<std::string>{"~all"});
}

TEST_CASE("after redirect= the domain is the one whose record decided") {
    Zone zone = zone_of("v=spf1 redirect=one.example");
    zone.add("one.example", RecordType::txt, "v=spf1 -all");
    CHECK(check(zone, from("10.1.2.3")).result.domain == "one.example");
}

TEST_CASE("a sender without a domain that DNS could know has no result") {
    for (const char* sender :
         {"alice@", "alice@localhost", "alice@[10.1.2.3]", "alice@a..b", "@", "alice@example..org"})
        CHECK(check(zone_of("v=spf1 +all"), from("10.1.2.3", sender)).result.verdict == Verdict::none);
    CHECK(check(zone_of("v=spf1 +all"), from("10.1.2.3", "\"a@b\"@example.org")).result.verdict ==
          Verdict::pass);
    CHECK(check(zone_of("v=spf1 +all"), from("10.1.2.3", "example.org")).result.verdict == Verdict::pass);
    CHECK(check(zone_of("v=spf1 +all"), from("10.1.2.3", "a@EXAMPLE.ORG.")).result.verdict == Verdict::pass);
    CHECK(check(zone_of("v=spf1 +all"), {net::parse_address("10.1.2.3").value(), "example.org", ""})
              .result.verdict == Verdict::pass);
}

TEST_CASE("nothing is asked that does not decide, and what can be asked at once is") {
    Zone zone = zone_of("v=spf1 ip4:10.1.2.3 mx -all");
    CHECK(check(zone, from("10.1.2.3")).answers.size() == 1);
    for (int i = 0; i < 10; ++i) {
        const std::string host = "mx" + std::to_string(i) + ".example.org";
        zone.add(domain, RecordType::mx, host);
        zone.add(host, RecordType::a, "10.2.2." + std::to_string(i));
    }
    const auto done = check(zone, from("10.2.2.9"));
    CHECK(done.result.verdict == Verdict::pass);
    CHECK(done.answers.size() == 12);
    CHECK(done.calls == 4);  // TXT, MX, all A, the result
}

TEST_CASE("syntax errors are permanent errors, wherever they stand") {
    const std::vector<std::string> wrong{"v=spf1 +",
                                         "v=spf1 ++all",
                                         "v=spf1 all:",
                                         "v=spf1 ip4",
                                         "v=spf1 ip4:",
                                         "v=spf1 ip4:10.1.2",
                                         "v=spf1 ip4:10.1.2.3/",
                                         "v=spf1 ip4:10.1.2.3/033",
                                         "v=spf1 ip4:::1",
                                         "v=spf1 ip6:10.1.2.3",
                                         "v=spf1 ip6:::1/129",
                                         "v=spf1 ip6:::1%eth0",
                                         "v=spf1 a:/24",
                                         "v=spf1 a/",
                                         "v=spf1 a/24/",
                                         "v=spf1 mx///64",
                                         "v=spf1 a:%{d",
                                         "v=spf1 a:%{d0}",
                                         "v=spf1 a:%{dx}",
                                         "v=spf1 a:%",
                                         "v=spf1 exists:%{c}",
                                         "v=spf1 include",
                                         "v=spf1 include:",
                                         "v=spf1 exists:a b.example",
                                         "v=spf1 redirect=",
                                         "v=spf1 exp=%{t}.a.org",
                                         "v=spf1 x=%{z}",
                                         "v=spf1 ptr:a",
                                         "v=spf1 a:b.c\xc3\xa4",
                                         "v=spf1 \tall",
                                         "v=spf1 moo",
                                         "v=spf1 a:%{}.example.org",
                                         "v=spf1 a:%%%.org",
                                         "v=spf1 a:a.b-",
                                         "v=spf1 a:a.b%{d}c",
                                         "v=spf1 ip4:10.1.2.3/99999999999999999999",
                                         "v=spf1 -all " + repeated("a ", 4100)};
    for (const std::string& record : wrong) {
        INFO(record.substr(0, 80));
        const Result result =
            check(zone_of("v=spf1 ip4:10.1.2.3 " + record.substr(7)), from("10.1.2.3")).result;
        CHECK(result.verdict == Verdict::permerror);
        CHECK_FALSE(result.reason.empty());
        CHECK(result.reason.size() < 300);
    }
}

TEST_CASE("what looks wrong but is not") {
    for (const char* record :
         {"v=spf1 ip4:10.1.2.3/32", "V=SPF1 IP4:10.1.2.3", "v=spf1   ip4:10.1.2.3   ",
          "v=spf1 ip4:10.1.2.255/24 x=", "v=spf1 exists:%{d}%% a:x.y/z.org x=%{c} +all"}) {
        INFO(record);
        CHECK(verdict(zone_of(record)) == Verdict::pass);
    }
}

TEST_CASE("a record of 8192 bytes is read, with thousands of terms") {
    const std::string end = " ip4:10.1.2.3";
    std::string record = "v=spf1" + repeated(" ip4:10.0.0.1", 700);
    record.resize(longest_record - end.size(), ' ');
    const std::size_t last = record.rfind(" ip4:", record.find_last_not_of(' '));
    record = record.substr(0, last);
    record.resize(longest_record - end.size(), ' ');
    CHECK(verdict(zone_of(record + end)) == Verdict::pass);
    CHECK(verdict(zone_of(record + end + " ")) == Verdict::permerror);
}

TEST_CASE("records that refer to themselves or to a long chain end with the tenth") {
    CHECK(verdict(zone_of("v=spf1 include:example.org -all")) == Verdict::permerror);
    CHECK(verdict(zone_of("v=spf1 redirect=example.org")) == Verdict::permerror);
    Zone wide = zone_of("v=spf1" + repeated(" include:w.example", 400));
    wide.add("w.example", RecordType::txt, "v=spf1" + repeated(" include:w.example", 400));
    const auto done = check(wide, from("10.1.2.3"));
    CHECK(done.result.verdict == Verdict::permerror);
    CHECK(done.answers.size() == 2);
    Zone chain = zone_of("v=spf1 include:c0.example");
    for (int i = 0; i < 20; ++i)
        chain.add("c" + std::to_string(i) + ".example", RecordType::txt,
                  "v=spf1 include:c" + std::to_string(i + 1) + ".example");
    CHECK(check(chain, from("10.1.2.3")).answers.size() == 11);
}

TEST_CASE("the most that a record can ask is bounded") {
    Zone zone = zone_of("v=spf1" + repeated(" mx:%{l}.example.org", 20));
    std::string record = "v=spf1";
    for (int term = 0; term < 20; ++term) {
        const std::string name = "t" + std::to_string(term) + ".example.org";
        record += " mx:" + name;
        for (int i = 0; i < 10; ++i) {
            const std::string host = "h" + std::to_string(i) + "." + name;
            zone.add(name, RecordType::mx, host);
            zone.add(host, RecordType::a, "10.9.9.9");
        }
    }
    zone.records[{domain, RecordType::txt}] = {record};
    const auto done = check(zone, from("10.1.2.3"));
    CHECK(done.result.verdict == Verdict::permerror);
    CHECK(done.answers.size() == 1 + 10 + 100);
    CHECK(done.calls <= 40);
}

TEST_CASE("macros of a hostile sender and HELO never make a question that DNS does not allow") {
    Zone zone = zone_of("v=spf1 exists:%{l}.%{h}.%{s}.%{o}.a.example exists:%{L}.%{H}.%{S}.b.example ?all");
    const std::string every = [] {
        std::string bytes;
        for (int c = 1; c < 256; ++c) bytes += static_cast<char>(c);
        return bytes;
    }();
    for (const std::string& part :
         {every, std::string(5000, 'a'), std::string(300, '.'), std::string("\0a", 2)}) {
        Check hostile = from("10.1.2.3", part + "@example.org");
        hostile.helo = part;
        const auto done = check(zone, hostile);
        CHECK(done.result.verdict == Verdict::neutral);
        for (const auto& [question, answer] : done.answers) CHECK(net::is_dns_name(question.name));
    }
}

TEST_CASE("an explanation is bounded, and its errors are as if there were none") {
    const auto explained = [](const std::string& text) {
        Zone zone = zone_of("v=spf1 -all exp=why.example.org");
        zone.add("why.example.org", RecordType::txt, text);
        return check(zone, from("10.1.2.3")).result.explanation;
    };
    CHECK(explained("%{i} is not ours, %{l} at %{o}") == "10.1.2.3 is not ours, alice at example.org");
    CHECK(explained(repeated("%{s}", 2000)).size() == 1000);
    CHECK(explained(std::string(9000, 'a')).empty());
    CHECK(explained("%{p").empty());
    CHECK(explained("a\nb").empty());
}

TEST_CASE("errors of DNS are temporary errors, but not in names of the client") {
    Zone zone = zone_of("v=spf1 a:silent.example -all");
    zone.silent.insert("silent.example");
    CHECK(verdict(zone) == Verdict::temperror);
    zone = zone_of("v=spf1 ptr -all");
    zone.silent.insert("3.2.1.10.in-addr.arpa");
    CHECK(verdict(zone) == Verdict::fail);
    zone.silent.clear();
    zone.add("3.2.1.10.in-addr.arpa", RecordType::ptr, "silent.example.org");
    zone.silent.insert("silent.example.org");
    CHECK(verdict(zone) == Verdict::fail);
    zone.add("3.2.1.10.in-addr.arpa", RecordType::ptr, "good.example.org");
    zone.add("good.example.org", RecordType::a, "10.1.2.3");
    CHECK(verdict(zone) == Verdict::pass);
}

}  // namespace sqlgrey::spf
