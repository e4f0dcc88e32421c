#include "sqlgrey/enrich/dns_list.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace sqlgrey::enrich;
using Kind = DnsList::Kind;
using Result = ListAnswer::Kind;

namespace {

const DnsList dnswl{Kind::white, "list.dnswl.org", {{}}};
const DnsList zen{Kind::black, "zen.spamhaus.org", {{}}};
const DnsList other{Kind::black, "bl.example", {{}}};

net::DnsAnswer answer(const std::vector<std::string>& addresses) {
    net::DnsAnswer made{.kind = net::AnswerKind::records, .ttl = base::Seconds{300}};
    for (const std::string& text : addresses) made.addresses.push_back(net::parse_address(text).value());
    return made;
}

ListAnswer meaning(const DnsList& list, const std::vector<std::string>& addresses) {
    return meaning_of(list, answer(addresses));
}

// "listed 2 127.0.0.2", "not_listed -", "refused 127.255.255.254"
std::string said(const DnsList& list, const std::vector<std::string>& addresses) {
    const ListAnswer found = meaning(list, addresses);
    switch (found.kind) {
        case Result::listed:
            return "listed " + found.value;
        case Result::not_listed:
            return "not_listed " + found.value;
        case Result::failed:
            return "failed";
        case Result::refused:
            break;
    }
    return "refused " + found.code;
}

CodeRange codes(std::uint32_t first, std::uint32_t last) {
    return {127U << 24U | first, 127U << 24U | last};
}

}  // namespace

TEST_CASE("a list is asked about the reversed address") {
    REQUIRE(question_of(zen, net::parse_address("192.0.2.99").value()) ==
            net::DnsQuestion{"99.2.0.192.zen.spamhaus.org", net::RecordType::a});
    REQUIRE(question_of(other, net::parse_address("2001:db8::1").value()).name ==
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example");
    REQUIRE(source_of(zen) == "dnsbl zen.spamhaus.org");
    REQUIRE(source_of(dnswl) == "dnswl list.dnswl.org");
}

TEST_CASE("lists are not asked about addresses of internal networks") {
    for (const char* text :
         {"10.1.2.3", "127.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.1.1", "100.64.0.1",
          "0.0.0.0", "::1", "::", "fe80::1", "febf::1", "fc00::1", "fdff::1"}) {
        INFO(text);
        REQUIRE_FALSE(is_public(net::parse_address(text).value()));
    }
    for (const char* text :
         {"9.255.255.255", "11.0.0.0", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.128.0.1", "100.63.0.1",
          "128.0.0.1", "2001:db8::1", "fec0::1", "fe7f::1", "::2:0"}) {
        INFO(text);
        REQUIRE(is_public(net::parse_address(text).value()));
    }
}

TEST_CASE("no record means not listed; no usable answer means nothing") {
    for (const DnsList& list : {dnswl, zen, other}) {
        for (const auto kind : {net::AnswerKind::nxdomain, net::AnswerKind::no_data})
            REQUIRE(meaning_of(list, {.kind = kind}).kind == Result::not_listed);
        for (const auto kind :
             {net::AnswerKind::servfail, net::AnswerKind::timeout, net::AnswerKind::malformed}) {
            REQUIRE(meaning_of(list, {.kind = kind}).kind == Result::failed);
            REQUIRE(meaning_of(list, {.kind = kind}).value.empty());
        }
    }
}

TEST_CASE("dnswl.org: the last number is the trust, in every category that it has") {
    const char* trusts[] = {"none", "low", "medium", "high"};
    for (int category = 0; category < 256; ++category)
        for (int last = 0; last < 256; ++last) {
            const std::string code = "127.0." + std::to_string(category) + '.' + std::to_string(last);
            const bool counts = category >= 1 && category <= 20 && category != 10 && last <= 3;
            INFO(code);
            REQUIRE(said(dnswl, {code}) ==
                    (counts ? std::string{"listed "} + trusts[last] : "refused " + code));
        }
    REQUIRE(said(dnswl, {"127.0.5.1", "127.0.15.2"}) == "listed medium");
}

TEST_CASE("Spamhaus: 127.0.0.2 to 127.0.0.11 are listings, and nothing else is") {
    for (const char* zone : {"zen.spamhaus.org", "sbl.spamhaus.org", "key.zen.dq.spamhaus.net"}) {
        const DnsList list{Kind::black, zone, {{}}};
        for (int last = 0; last < 256; ++last) {
            const std::string code = "127.0.0." + std::to_string(last);
            INFO(code);
            REQUIRE(said(list, {code}) == (last >= 2 && last <= 11 ? "listed 1 " + code : "refused " + code));
        }
        for (const char* code : {"127.0.1.2", "127.1.0.2", "127.255.255.252", "127.255.255.254",
                                 "127.255.255.255", "128.0.0.2", "198.51.100.7"})
            REQUIRE(said(list, {code}) == std::string{"refused "} + code);
    }
    REQUIRE(said(zen, {"127.0.0.10", "127.0.0.4", "127.0.0.2"}) == "listed 1 127.0.0.2,127.0.0.4,127.0.0.10");
    REQUIRE(said({Kind::black, "notspamhaus.org", {{}}}, {"127.0.0.99"}) == "listed 1 127.0.0.99");
}

TEST_CASE("other blacklists: 127.0.0.2 to 127.0.0.254 are listings") {
    for (int last = 0; last < 256; ++last) {
        const std::string code = "127.0.0." + std::to_string(last);
        REQUIRE(said(other, {code}) == (last >= 2 && last <= 254 ? "listed 1 " + code : "refused " + code));
    }
    for (const char* code : {"127.0.1.2", "127.255.255.254", "203.0.113.1"})
        REQUIRE(said(other, {code}) == std::string{"refused "} + code);
}

TEST_CASE("an answer that refuses counts even beside a listing, and says what to do") {
    REQUIRE(said(zen, {"127.0.0.2", "127.255.255.254"}) == "refused 127.255.255.254");
    REQUIRE(said(dnswl, {"127.0.5.3", "127.0.0.255"}) == "refused 127.0.0.255");
    const auto reason = [](const DnsList& list, const char* code) { return meaning(list, {code}).reason; };
    REQUIRE(reason(zen, "127.255.255.252").find("mistyped") != std::string::npos);
    REQUIRE(reason(zen, "127.255.255.254").find("dns_servers") != std::string::npos);
    REQUIRE(reason(zen, "127.255.255.255").find("too many questions") != std::string::npos);
    REQUIRE(reason(dnswl, "127.0.0.255").find("refuses these questions") != std::string::npos);
    REQUIRE(reason(dnswl, "127.0.10.3").find("refuses these questions") != std::string::npos);
    REQUIRE(reason(other, "198.51.100.7").find("no list any more") != std::string::npos);
    REQUIRE(reason(other, "127.0.0.1").find("no code of a listing") != std::string::npos);
}

TEST_CASE("a list is tested with 127.0.0.1, which one that works does not have") {
    REQUIRE(test_question(zen) == net::DnsQuestion{"1.0.0.127.zen.spamhaus.org", net::RecordType::a});
    for (const DnsList& list : {dnswl, zen, other}) {
        for (const auto kind : {net::AnswerKind::nxdomain, net::AnswerKind::no_data})
            REQUIRE(meaning_of_test(list, {.kind = kind}).kind == Result::not_listed);
        for (const auto kind :
             {net::AnswerKind::servfail, net::AnswerKind::timeout, net::AnswerKind::malformed})
            REQUIRE(meaning_of_test(list, {.kind = kind}).kind == Result::failed);
        for (const char* code : {"127.0.0.1", "127.0.0.2", "127.0.0.4", "127.0.5.2", "127.1.2.3"}) {
            INFO(list.zone << ' ' << code);
            const ListAnswer said = meaning_of_test(list, answer({code}));
            REQUIRE(said.kind == Result::refused);
            REQUIRE(said.code == code);
            REQUIRE(said.reason.find("it has 127.0.0.1") != std::string::npos);
            REQUIRE(said.lists_everybody);
        }
    }
    // Whatever codes the settings name.
    const DnsList narrow{Kind::black, "bl.example", {{{codes(10, 10)}, 1, {}}}};
    REQUIRE(meaning_of_test(narrow, answer({"127.0.0.2"})).lists_everybody);
    const DnsList ten{Kind::white, "wl.example", {{{codes(0x0a03, 0x0a03)}, {}, greylist::Trust::high}}};
    REQUIRE(meaning_of_test(ten, answer({"127.0.10.3"})).lists_everybody);
}

TEST_CASE("a test that is answered with an error says what it means") {
    const auto said = [](const DnsList& list, const std::vector<std::string>& addresses) {
        const ListAnswer found = meaning_of_test(list, answer(addresses));
        REQUIRE(found.kind == Result::refused);
        REQUIRE_FALSE(found.lists_everybody);
        return found.code + ' ' + found.reason;
    };
    REQUIRE(said(zen, {"127.255.255.254"}).find("dns_servers") != std::string::npos);
    REQUIRE(said(zen, {"127.0.0.2", "127.255.255.255"}).starts_with("127.255.255.255 too many questions"));
    REQUIRE(said(dnswl, {"127.0.0.255"}).find("refuses these questions") != std::string::npos);
    REQUIRE(said(dnswl, {"127.0.10.3"}).find("refuses these questions") != std::string::npos);
    REQUIRE(said(other, {"127.255.255.1"}).find("no code of a listing") != std::string::npos);
    for (const DnsList& list : {dnswl, zen, other})
        for (const char* address : {"198.51.100.7", "0.0.0.0", "203.0.113.80"}) {
            REQUIRE(said(list, {address}).starts_with(address));
            REQUIRE(said(list, {address}).find("names that do not exist") != std::string::npos);
        }
}

TEST_CASE("codes of the settings choose what counts, and other listings are no error") {
    const DnsList list{
        Kind::black,
        "zen.spamhaus.org",
        {{{codes(2, 3)}, 3, {}}, {{codes(2, 2), codes(10, 11)}, 1, {}}, {{codes(9, 9)}, {}, {}}}};
    REQUIRE(said(list, {"127.0.0.2"}) == "listed 4 127.0.0.2");
    REQUIRE(said(list, {"127.0.0.3", "127.0.0.11"}) == "listed 4 127.0.0.3,127.0.0.11");
    REQUIRE(said(list, {"127.0.0.9"}) == "listed 1 127.0.0.9");
    REQUIRE(said(list, {"127.0.0.4"}) == "not_listed -");
    REQUIRE(said(list, {"127.0.0.4", "127.0.0.10"}) == "listed 1 127.0.0.10");
    REQUIRE(said(list, {"127.0.0.12"}) == "refused 127.0.0.12");
    const DnsList special{Kind::black, "bl.example", {{{codes(255, 255), codes(0x0102, 0x0103)}, 2, {}}}};
    REQUIRE(said(special, {"127.0.0.255"}) == "listed 2 127.0.0.255");
    REQUIRE(said(special, {"127.0.1.3"}) == "listed 2 127.0.1.3");
    REQUIRE(said(special, {"127.0.0.2"}) == "not_listed -");
    REQUIRE(said(special, {"127.0.1.4"}) == "refused 127.0.1.4");
}

TEST_CASE("no setting makes a listing of an address that only refuses") {
    const DnsList greedy{Kind::black, "bl.example", {{{codes(0, 0xff'ffff)}, 1, {}}}};
    REQUIRE(said(greedy, {"127.255.255.254"}) == "refused 127.255.255.254");
    REQUIRE(said(greedy, {"127.9.9.9"}) == "listed 1 127.9.9.9");
    const DnsList trusting{Kind::white, "wl.example", {{{codes(0, 0xff'ffff)}, {}, greylist::Trust::high}}};
    REQUIRE(said(trusting, {"127.255.255.255"}) == "refused 127.255.255.255");
    REQUIRE(said(trusting, {"127.0.0.255"}) == "refused 127.0.0.255");
    REQUIRE(said(trusting, {"127.0.0.7"}) == "listed high");
}

TEST_CASE("a whitelist of other codes has the trust that the settings give it") {
    const DnsList mailspike{
        Kind::white,
        "wl.mailspike.net",
        {{{codes(18, 18)}, {}, greylist::Trust::low}, {{codes(19, 20)}, {}, greylist::Trust::medium}}};
    REQUIRE(said(mailspike, {"127.0.0.18"}) == "listed low");
    REQUIRE(said(mailspike, {"127.0.0.20"}) == "listed medium");
    REQUIRE(said(mailspike, {"127.0.0.17"}) == "not_listed -");
    REQUIRE(said(mailspike, {"127.0.0.1"}) == "refused 127.0.0.1");
    const DnsList one{Kind::white, "wl.example", {{{}, {}, greylist::Trust::low}}};
    REQUIRE(said(one, {"127.0.0.2"}) == "listed low");
    const DnsList mirror{Kind::white, "dnswl.example", {{{codes(0x0501, 0x0502)}, {}, {}}}};
    REQUIRE(said(mirror, {"127.0.5.2"}) == "listed medium");
    REQUIRE(said(mirror, {"127.0.5.3"}) == "not_listed -");
}

TEST_CASE("the value of a listing fits its column, however many addresses an answer has") {
    std::vector<std::string> many;
    for (int last = 2; last < 255; ++last) many.push_back("127.0.0." + std::to_string(last));
    const ListAnswer found = meaning(other, many);
    REQUIRE(found.value.starts_with("1 127.0.0.2,127.0.0.3,"));
    REQUIRE(found.value.size() <= greylist::max_fact_value);
    REQUIRE(found.value.size() > 200);
}
