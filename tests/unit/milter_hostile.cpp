// Bytes that no mail server sends, bytes split anywhere, and sessions handed over in the middle.
#include "milter_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace test;
using policy::Action;

namespace {

// Two messages with everything a session keeps.
std::string conversation() {
    return negotiation() +
           macros('C', {{"{client_name}", "mx1.example.org"}, {"{client_resolve}", "OK"}, {"j", "mx"}}) +
           client("mx1.example.org", "192.0.2.10") + packet('H', zero_ended("mx1.example.org")) +
           macros('M', {{"i", "4XyZ"}}) + mail() + macros('R', {{"i", "4XyZ"}}) + recipient() +
           recipient("eve@example.net") + packet('B', std::string(300, 'x')) + packet('E') +
           macros('M', {{"i", "4XzA"}}) + mail("carol@example.org") + recipient() + packet('A') + packet('Q');
}

// Answers each request at once, with a header and a reason to hold the message.
struct Whole {
    std::vector<std::vector<std::string>> requests;
    std::string output;
    bool operator==(const Whole&) const = default;
};

void answer_all(Talk& talk, Whole& whole) {
    while (talk.requests.size() > whole.requests.size()) {
        whole.requests.push_back(sorted_lines(talk.requests[whole.requests.size()]));
        const bool first = whole.requests.size() % 2 == 1;
        talk.answer(first ? policy::Reply{Action::pass, "", "", "X-Greylist: x"}
                          : policy::Reply{Action::hold, "", "held"});
    }
}

Whole in_one_piece(const std::string& bytes) {
    milter::Session session("me", true);
    Talk talk(session);
    Whole whole;
    talk.send(bytes);
    answer_all(talk, whole);
    whole.output = talk.output();
    CHECK(session.fault().empty());
    return whole;
}

}  // namespace

TEST_CASE("bytes split anywhere mean the same") {
    const std::string bytes = conversation();
    const Whole expected = in_one_piece(bytes);
    REQUIRE(expected.requests.size() == 3);
    for (std::size_t at = 1; at < bytes.size(); ++at) {
        milter::Session session("me", true);
        Talk talk(session);
        Whole whole;
        talk.send(bytes.substr(0, at));
        answer_all(talk, whole);
        talk.send(bytes.substr(at));
        answer_all(talk, whole);
        whole.output = talk.output();
        REQUIRE(whole == expected);
    }
}

TEST_CASE("a session handed over anywhere goes on as it was") {
    const std::string bytes = conversation();
    const Whole expected = in_one_piece(bytes);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        milter::Session first("me", true);
        Talk talk(first);
        Whole whole;
        talk.send(bytes.substr(0, at));
        answer_all(talk, whole);
        REQUIRE(first.to_text().size() <= 2048);
        milter::Session second("another", true);
        second.resume(first.to_text());
        Talk rest(second);
        Whole of_rest;
        rest.send(bytes.substr(at));
        // The numbers of the requests go on, so that the same are answered in the same way.
        rest.requests.insert(rest.requests.begin(), talk.requests.begin(), talk.requests.end());
        of_rest.requests = whole.requests;
        answer_all(rest, of_rest);
        of_rest.output = talk.output() + rest.output();
        REQUIRE(of_rest == expected);
        REQUIRE(second.ended());
    }
}

TEST_CASE("a text that is no session ends it") {
    const std::string text = GENERATE(as<std::string>{}, "x", "1", "2 0 0 0 0 0 0 0 0 0 0 0 ",
                                      "1 0 0 0 0 0 0 99999999999999999999 0 0 0 0 ");
    milter::Session session("me", true);
    session.resume(text);
    CHECK(session.ended());
}

TEST_CASE("wrong bytes end the session, with the reason") {
    const std::string begun = negotiation() + client("mx", "192.0.2.10");
    const auto [bytes, fault] = GENERATE_COPY(table<std::string, std::string>({
        {"request=smtpd_access_policy\n\n", "sent something else than packets of the milter protocol"},
        {"GET / HTTP/1.0\r\n\r\n", "sent something else than packets of the milter protocol"},
        {number(0) + "O", "sent something else than packets of the milter protocol"},
        {number(13) + "o", "sent something else than packets of the milter protocol"},
        {number(0xffffffff) + "R", "sent a packet that is too long"},
        {number(milter::longest_packet + 1) + "D", "sent a packet that is too long"},
        {number(3 << 20) + "B", "sent a packet that is too long"},
        {packet('C'), "did not begin with a negotiation"},
        {negotiation(1), "offered a version of the milter protocol that is not understood"},
        {packet('O', number(6) + number(0)),
         "offered a version of the milter protocol that is not understood"},
        {negotiation() + mail(), "named a sender without a client"},
        {begun + packet('M', "<a@example.org>"), "sent no sender"},
        {begun + recipient(), "named a recipient without a sender"},
        {begun + mail() + packet('R'), "sent no recipient"},
        {begun + mail() + packet('A') + recipient(), "named a recipient without a sender"},
        {begun + packet('H', "mx"), "sent a HELO that is cut off"},
        {begun + packet('D'), "sent macros that are cut off"},
        {begun + packet('D', "Mi"), "sent macros that are cut off"},
        {begun + packet('D', "M" + zero_ended("i")), "sent macros that are cut off"},
        {negotiation() + packet('C'), "did not say who its client is"},
        {negotiation() + packet('C', zero_ended("mx")), "did not say who its client is"},
        {negotiation() + packet('C', zero_ended("mx") + "4"), "did not say who its client is"},
        {negotiation() + packet('C', zero_ended("mx") + "4\1\1" + "192.0.2.10"),
         "did not say who its client is"},
        {negotiation() + client("mx", "192.0.2.10", 'X'), "did not say who its client is"},
    }));
    milter::Session session("me", true);
    Talk talk(session);
    talk.send(bytes);
    CHECK(session.ended());
    CHECK(session.fault() == fault);
    CHECK(talk.requests.empty());
}

TEST_CASE("what is kept is bounded") {
    milter::Session session("me", true);
    Talk talk(session);
    talk.begin();
    const std::string long_text(60000, 'x');
    for (int i = 0; i < 50; ++i) {
        talk.send(macros('H', {{"{cipher}", long_text}, {"{m" + std::to_string(i) + "}", "ignored"}}));
        talk.send(packet('H', zero_ended(long_text)));
        talk.send(macros('M', {{"{auth_type}", long_text}}) + mail(long_text));
    }
    CHECK(session.fault().empty());
    CHECK(session.to_text().size() < 8192);
    talk.send(packet('R', std::string(60000, 'x')).substr(0, 50000));
    CHECK(session.midway());
    CHECK(session.to_text().size() < 8192 + 50000);
}

TEST_CASE("a client_address that is none stays what it is: the rules call it unusable") {
    milter::Session session("me", true);
    Talk talk(session);
    talk.send(negotiation() + client("mx", "not an address") + mail() + recipient());
    REQUIRE(talk.requests.size() == 1);
    CHECK(talk.requests[0].get("client_address") == "not an address");
}
