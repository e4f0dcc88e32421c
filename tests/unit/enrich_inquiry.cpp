// What is asked about a stranger, and the facts that the answers make.
#include "spf_zone.hpp"
#include "sqlgrey/enrich/inquiry.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace sqlgrey::enrich;
using greylist::Fact;
using net::AnswerKind;
using net::RecordType;
using spf::Questions;
using spf::Zone;

namespace {

const base::Time start = base::at(1'800'000'000);
const DnsList dnswl{DnsList::Kind::white, "list.dnswl.org", {{}}};
const DnsList zen{DnsList::Kind::black, "zen.spamhaus.org", {{}}};

net::Address address(const char* text) {
    return net::parse_address(text).value();
}

net::DnsAnswer listed(const char* code, std::int64_t ttl) {
    return {.kind = AnswerKind::records, .addresses = {address(code)}, .ttl = base::Seconds{ttl}};
}

// Answers from the zone until all is found.
Found found_in(const Zone& zone, Inquiry& inquiry) {
    for (int calls = 0; calls < 50; ++calls) {
        auto step = next(inquiry, start);
        if (auto* found = std::get_if<Found>(&step)) return std::move(*found);
        const Questions& questions = std::get<Questions>(step);
        REQUIRE_FALSE(questions.empty());
        for (const net::DnsQuestion& question : questions) {
            REQUIRE_FALSE(inquiry.answers.contains(question));
            inquiry.answers[question] = zone.answer(question);
        }
    }
    FAIL("no end");
    return {};
}

std::string value(const Found& found, std::string_view source) {
    for (const Fact& fact : found.facts)
        if (fact.source == source) return fact.value;
    return "(none)";
}
std::int64_t kept(const Found& found, std::string_view source) {
    for (const Fact& fact : found.facts)
        if (fact.source == source) return (fact.expires_at - start).count();
    return -1;
}

Inquiry about_client(std::vector<DnsList> lists) {
    return {{"11.2.3.4", ""}, AskLists{address("11.2.3.4"), std::move(lists)}};
}
Found with_answers(Inquiry inquiry, const net::DnsAnswer& of_dnswl, const net::DnsAnswer& of_zen) {
    inquiry.answers[question_of(dnswl, address("11.2.3.4"))] = of_dnswl;
    inquiry.answers[question_of(zen, address("11.2.3.4"))] = of_zen;
    return std::get<Found>(next(inquiry, start));
}

Inquiry about_sender(const std::string& domain) {
    return {{"11.2.3.4", domain},
            AskSpf{{.client = address("11.2.3.4"), .helo = "mx", .sender = "a@" + domain}}};
}
Inquiry about_networks(const std::string& domain) {
    return {{"", domain}, AskNetworks{domain, {address("11.9.9.9"), address("2a00:9::9")}}};
}

}  // namespace

TEST_CASE("answers are kept as long as their TTL, within bounds") {
    REQUIRE(kept_for(base::Seconds{0}) == base::Seconds{300});
    REQUIRE(kept_for(base::Seconds{299}) == base::Seconds{300});
    REQUIRE(kept_for(base::Seconds{301}) == base::Seconds{301});
    REQUIRE(kept_for(base::Seconds{86401}) == base::Seconds{86400});
    REQUIRE(kept_for({}) == base::Seconds{900});
}

TEST_CASE("all lists are asked at once, and each makes a fact") {
    const auto step = next(about_client({dnswl, zen}), start);
    REQUIRE(std::get<Questions>(step) == Questions{{"4.3.2.11.list.dnswl.org", RecordType::a},
                                                   {"4.3.2.11.zen.spamhaus.org", RecordType::a}});
    const Found found =
        with_answers(about_client({dnswl, zen}), listed("127.0.5.2", 10'000), {.kind = AnswerKind::nxdomain});
    REQUIRE(value(found, "dnswl list.dnswl.org") == "medium");
    REQUIRE(kept(found, "dnswl list.dnswl.org") == 10'000);
    REQUIRE(value(found, "dnsbl zen.spamhaus.org") == "-");
    REQUIRE(kept(found, "dnsbl zen.spamhaus.org") == 900);
    REQUIRE(value(found, "asked") == "done");
    REQUIRE(kept(found, "asked") == 900);
    REQUIRE(found.lists.size() == 2);
    REQUIRE_FALSE(found.networks);
}

TEST_CASE("a client is looked at again after 15 minutes, however long what is known of it counts") {
    const Found found =
        with_answers(about_client({dnswl, zen}), listed("127.0.5.2", 80'000), listed("127.0.0.4", 90'000));
    REQUIRE(kept(found, "dnswl list.dnswl.org") == 80'000);
    REQUIRE(kept(found, "dnsbl zen.spamhaus.org") == 86'400);
    REQUIRE(kept(found, "asked") == 900);
}

TEST_CASE("a list that fails or refuses makes no fact, and is asked again soon") {
    const Found found =
        with_answers(about_client({dnswl, zen}), {.kind = AnswerKind::timeout}, listed("127.0.0.4", 5));
    REQUIRE(value(found, "dnswl list.dnswl.org") == "(none)");
    REQUIRE(kept(found, "dnsbl zen.spamhaus.org") == 300);
    REQUIRE(kept(found, "asked") == 300);
    const Found refused = with_answers(about_client({dnswl, zen}), listed("127.0.0.255", 9000),
                                       listed("127.255.255.254", 9000));
    REQUIRE(refused.facts.size() == 1);
    REQUIRE(kept(refused, "asked") == 600);
    REQUIRE(refused.lists[1].answer.kind == ListAnswer::Kind::refused);
}

TEST_CASE("a list is tested before its answer counts, and makes no fact if it fails") {
    Inquiry inquiry = about_client({dnswl, zen});
    std::get<AskLists>(inquiry.about).tested = {dnswl.zone};
    const auto step = next(inquiry, start);
    REQUIRE(std::get<Questions>(step) == Questions{{"4.3.2.11.list.dnswl.org", RecordType::a},
                                                   {"1.0.0.127.list.dnswl.org", RecordType::a},
                                                   {"4.3.2.11.zen.spamhaus.org", RecordType::a}});
    inquiry.answers[question_of(dnswl, address("11.2.3.4"))] = listed("127.0.5.3", 9000);
    inquiry.answers[question_of(zen, address("11.2.3.4"))] = listed("127.0.0.4", 9000);
    REQUIRE(std::get<Questions>(next(inquiry, start)) == Questions{test_question(dnswl)});
    inquiry.answers[test_question(dnswl)] = listed("127.0.5.3", 9000);
    const Found failed = std::get<Found>(next(inquiry, start));
    REQUIRE(value(failed, "dnswl list.dnswl.org") == "(none)");
    REQUIRE(value(failed, "dnsbl zen.spamhaus.org") == "1 127.0.0.4");
    REQUIRE(kept(failed, "asked") == 600);
    REQUIRE(failed.lists.size() == 1);
    for (const auto kind : {AnswerKind::nxdomain, AnswerKind::timeout, AnswerKind::servfail}) {
        inquiry.answers[test_question(dnswl)] = {.kind = kind};
        REQUIRE(value(std::get<Found>(next(inquiry, start)), "dnswl list.dnswl.org") == "high");
    }
}

TEST_CASE("without a list to ask a client is done for 15 minutes; soon again if one was left out") {
    REQUIRE(kept(std::get<Found>(next(about_client({}), start)), "asked") == 900);
    Inquiry left_out = about_client({});
    std::get<AskLists>(left_out.about).some_left_out = true;
    REQUIRE(kept(std::get<Found>(next(left_out, start)), "asked") == 600);
    Inquiry rest = about_client({});
    rest.others_expire = start + base::Seconds{77};
    REQUIRE(kept(std::get<Found>(next(rest, start)), "asked") == 77);
}

TEST_CASE("a listing is kept as long as the delay that it causes, whatever its TTL") {
    Inquiry inquiry = about_client({dnswl, zen});
    std::get<AskLists>(inquiry.about).keep_listed = base::Seconds{7200};
    Found found = with_answers(inquiry, listed("127.0.5.2", 60), listed("127.0.0.4", 60));
    REQUIRE(kept(found, "dnsbl zen.spamhaus.org") == 7200);
    REQUIRE(kept(found, "dnswl list.dnswl.org") == 300);
    REQUIRE(kept(found, "asked") == 300);
    found = with_answers(inquiry, listed("127.0.5.2", 60), listed("127.0.0.4", 9000));
    REQUIRE(kept(found, "dnsbl zen.spamhaus.org") == 9000);
    found = with_answers(inquiry, listed("127.0.5.2", 60), {.kind = AnswerKind::nxdomain});
    REQUIRE(kept(found, "dnsbl zen.spamhaus.org") == 900);
}

TEST_CASE("a fail of SPF is kept as long as the delay that it causes") {
    Zone zone;
    zone.add("a.example", RecordType::txt, "v=spf1 -all");
    zone.add("b.example", RecordType::txt, "v=spf1 ~all");
    for (const auto& [domain, keep] : {std::pair{"a.example", 7200}, std::pair{"b.example", 300}}) {
        Inquiry inquiry = about_sender(domain);
        std::get<AskSpf>(inquiry.about).keep_fail = base::Seconds{7200};
        REQUIRE(kept(found_in(zone, inquiry), "spf") == keep);
    }
}

TEST_CASE("while DNS cannot tell the networks of a domain, those found before remain") {
    Zone zone;
    zone.silent.insert("a.example");
    Inquiry inquiry = about_networks("a.example");
    const Found found = found_in(zone, inquiry);
    REQUIRE_FALSE(found.networks);
    REQUIRE(value(found, "spf").starts_with("- "));
    REQUIRE(kept(found, "asked") == 600);
}

TEST_CASE("SPF of a client and a sender") {
    Zone zone;
    zone.add("a.example", RecordType::txt, "v=spf1 include:b.example -all");
    zone.add("b.example", RecordType::txt, "v=spf1 ip4:11.2.3.0/24 ?all");
    Inquiry pass = about_sender("a.example");
    const Found found = found_in(zone, pass);
    REQUIRE(value(found, "spf") == "pass");
    REQUIRE(kept(found, "spf") == 300);
    REQUIRE(kept(found, "asked") == 300);
    Inquiry none = about_sender("c.example");
    REQUIRE(value(found_in(zone, none), "spf") == "none");
    zone.silent.insert("d.example");
    Inquiry error = about_sender("d.example");
    const Found failed = found_in(zone, error);
    REQUIRE(value(failed, "spf") == "temperror");
    REQUIRE(kept(failed, "spf") == 600);
}

TEST_CASE("the networks of a domain, IPv4 and IPv6") {
    Zone zone;
    zone.add("a.example", RecordType::txt,
             "v=spf1 ip4:11.2.3.0/24 ip4:11.2.3.9 ip6:2a00:1::/32 a:m.example -all");
    zone.add("m.example", RecordType::a, "11.4.4.4");
    zone.add("m.example", RecordType::aaaa, "2a00:2::4");
    Inquiry inquiry = about_networks("a.example");
    const Found found = found_in(zone, inquiry);
    REQUIRE(value(found, "spf") == "4");
    REQUIRE(found.networks->domain == "a.example");
    REQUIRE(found.networks->ranges.size() == 4);
    REQUIRE(kept(found, "spf") == 300);
    REQUIRE(kept(found, "asked") == 300);
    REQUIRE(found.networks->expires_at == start + std::chrono::hours{6});
}

TEST_CASE("a record that covers too much, or this host, covers nothing") {
    for (const auto& [record, why] :
         {std::pair{"v=spf1 +all", "- it covers more than 2^22 addresses"},
          std::pair{"v=spf1 ip4:11.0.0.0/9 -all", "- it covers more than 2^22 addresses"},
          std::pair{"v=spf1 ip4:192.0.2.7 -all", "- it has 192.0.2.7/32, a network for documentation"},
          std::pair{"v=spf1 ip4:11.9.0.0/16 ip6:2a00:1::/32 -all", "- it covers an address of this host"},
          std::pair{"v=spf1 ip4:11.1.0.0/16 ip6:2a00:9::/32 -all", "- it covers an address of this host"},
          std::pair{"v=spf1 ip6:::ffff:0:0/96 -all", "- it has no network that passes"},
          std::pair{"v=spf1 -all", "- it has no network that passes"}}) {
        INFO(record);
        Zone zone;
        zone.add("a.example", RecordType::txt, record);
        Inquiry inquiry = about_networks("a.example");
        const Found found = found_in(zone, inquiry);
        REQUIRE(value(found, "spf") == why);
        REQUIRE(found.networks->ranges.empty());
    }
    Inquiry nothing = about_networks("b.example");
    REQUIRE(value(found_in({}, nothing), "spf") == "- b.example has no SPF record");
}

TEST_CASE("an answer that is too large is shortened without another meaning") {
    net::DnsAnswer many{
        .kind = AnswerKind::records,
        .texts = {"x", "v=spf1 -all", std::string(60'000, 'y'), "v=spf1 " + std::string(60'000, 'z')}};
    shorten(many, RecordType::txt);
    REQUIRE(many.texts.size() == 2);
    REQUIRE(many.texts[0] == "v=spf1 -all");
    REQUIRE(many.texts[1].size() < 10'000);
    Inquiry inquiry = about_sender("a.example");
    inquiry.answers[{"a.example", RecordType::txt}] = many;
    REQUIRE(value(std::get<Found>(next(inquiry, start)), "spf") == "permerror");
    net::DnsAnswer hosts{.kind = AnswerKind::records, .texts = std::vector<std::string>(500, "m.example")};
    shorten(hosts, RecordType::mx);
    REQUIRE(hosts.texts.size() == 11);
    net::DnsAnswer addresses{.kind = AnswerKind::records, .addresses = std::vector<net::Address>(4000)};
    shorten(addresses, RecordType::a);
    REQUIRE(addresses.addresses.size() == 1000);
}

TEST_CASE("the domain of a sender as DNS has it") {
    REQUIRE(domain_of_sender("alice@A.Example") == "a.example");
    REQUIRE(domain_of_sender("\"a@b\"@c.example") == "c.example");
    for (const char* none : {"", "alice", "alice@", "alice@a..example"})
        REQUIRE_FALSE(domain_of_sender(none));
    REQUIRE_FALSE(domain_of_sender("a@" + std::string(64, 'x') + ".example"));
}
