// Conversations of a mail server with a milter: what becomes a request, and what is answered.
#include "milter_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace test;
using policy::Action;

TEST_CASE("what is agreed on is what both sides offer") {
    struct Case {
        std::uint32_t version, actions, protocol;
        bool adds_header;
        std::uint32_t agreed_version, agreed_actions, agreed_protocol;
    };
    // 0xf73f0: wait at recipients and the end of the message only.
    const Case each = GENERATE(values<Case>({
        {6, 0x1ff, 0x1fffff, true, 6, 0x121, 0xf73f0},
        {6, 0x1ff, 0x1fffff, false, 6, 0x120, 0xf73f0},
        {7, 0xffffffff, 0xffffffff, true, 6, 0x121, 0xf73f0},
        {2, 0x3f, 0x7f, true, 2, 0x21, 0x70},
        {3, 0, 0, true, 3, 0, 0},
    }));
    milter::Session session("me", each.adds_header);
    Talk talk(session);
    talk.send(negotiation(each.version, each.actions, each.protocol));
    const std::string numbers =
        number(each.agreed_version) + number(each.agreed_actions) + number(each.agreed_protocol);
    CHECK(talk.output().substr(4, 13) == "O" + numbers);
    const bool asks_for_macros = (each.agreed_actions & 0x100) != 0;
    CHECK((talk.output().find("{client_resolve}") != std::string::npos) == asks_for_macros);
}

TEST_CASE("a recipient is a request with the names of Postfix's policy protocol") {
    milter::Session session("me", true);
    Talk talk(session);
    talk.send(negotiation());
    talk.send(macros('C', {{"{client_name}", "mx1.example.org"},
                           {"{client_resolve}", "OK"},
                           {"{client_ptr}", "mx1.example.org"},
                           {"{daemon_addr}", "192.0.2.1"},
                           {"{daemon_port}", "25"}}) +
              client("mx1.example.org", "192.0.2.10") +
              macros('H', {{"{tls_version}", "TLSv1.3"}, {"{cipher}", "AES"}, {"{cipher_bits}", "256"}}) +
              packet('H', zero_ended("mx1.example.org")) + macros('M', {{"i", "4XyZ"}}) +
              packet('M', zero_ended("<Alice@Example.org>") + zero_ended("SIZE=1234")) +
              packet('R', zero_ended("<bob@example.net>") + zero_ended("NOTIFY=NEVER")));
    REQUIRE(talk.requests.size() == 1);
    policy::Request expected;
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
             {"client_name", "mx1.example.org"},
             {"reverse_client_name", "mx1.example.org"},
             {"server_address", "192.0.2.1"},
             {"server_port", "25"},
             {"client_address", "192.0.2.10"},
             {"client_port", "25000"},
             {"encryption_protocol", "TLSv1.3"},
             {"encryption_cipher", "AES"},
             {"encryption_keysize", "256"},
             {"helo_name", "mx1.example.org"},
             {"queue_id", "4XyZ"},
             {"request", "smtpd_access_policy"},
             {"protocol_state", "RCPT"},
             {"instance", "me.1"},
             {"sender", "Alice@Example.org"},
             {"size", "1234"},
             {"recipient", "bob@example.net"},
             {"sasl_method", ""},
             {"sasl_username", ""},
             {"sasl_sender", ""},
             {"ccert_subject", ""},
             {"ccert_issuer", ""},
         })
        expected.set(name, value);
    CHECK(sorted_lines(talk.requests[0]) == sorted_lines(expected));
}

TEST_CASE("what the mail server does not tell has the value that Postfix sends then") {
    milter::Session session("me", true);
    Talk talk(session);
    talk.send(negotiation() + macros('C', {{"{client_ptr}", ""}}) + client("[192.0.2.10]", "192.0.2.10") +
              mail() + recipient());
    REQUIRE(talk.requests.size() == 1);
    const policy::Request& request = talk.requests[0];
    for (const char* const name :
         {"helo_name", "queue_id", "sasl_method", "sasl_username", "sasl_sender", "encryption_protocol",
          "encryption_cipher", "ccert_subject", "ccert_issuer", "server_address", "server_port"}) {
        INFO(name);
        CHECK(request.has(name));
        CHECK(request.get(name).empty());
    }
    CHECK(request.get("size") == "0");
    CHECK(request.get("encryption_keysize") == "0");
    CHECK(request.get("reverse_client_name") == "unknown");
}

TEST_CASE("only a name that the mail server has verified is used") {
    struct Case {
        std::vector<std::pair<std::string, std::string>> macros;
        std::string name;
    };
    const Case each = GENERATE(values<Case>({
        {{{"{client_name}", "mx.example.org"}, {"{client_resolve}", "OK"}}, "mx.example.org"},
        {{{"{client_name}", "mx.example.org"}}, "mx.example.org"},  // Postfix
        {{{"{client_name}", "unknown"}}, "unknown"},
        {{{"{client_name}", "mx.example.org"}, {"{client_resolve}", "FORGED"}}, "unknown"},
        {{{"{client_name}", "mx.example.org"}, {"{client_resolve}", "TEMP"}}, "unknown"},
        {{{"{client_resolve}", "FAIL"}, {"{client_name}", "[192.0.2.10]"}}, "unknown"},
        {{{"{client_name}", "[192.0.2.10]"}}, "unknown"},
        {{{"{client_name}", ""}}, "unknown"},
        {{}, "unknown"},
    }));
    milter::Session session("me", true);
    Talk talk(session);
    talk.send(negotiation() + macros('C', each.macros) + client("mx.example.org", "192.0.2.10") + mail() +
              recipient());
    REQUIRE(talk.requests.size() == 1);
    CHECK(talk.requests[0].get("client_name") == each.name);
}

TEST_CASE("addresses come without what SMTP puts around them") {
    const auto [written, address] = GENERATE(table<std::string, std::string>({
        {"<a@example.org>", "a@example.org"},
        {"a@example.org", "a@example.org"},
        {"<>", ""},
        {"", ""},
        {"<postmaster>", "postmaster"},
        {"<@one.example,@two.example:a@example.org>", "a@example.org"},
        {"<\"a b\"@example.org>", "a b@example.org"},
        {"<\"a\\\"b\"@example.org>", "a\"b@example.org"},
        {"<a\\", "<a\\"},
        {"<a\nb@example.org>", "a?b@example.org"},
    }));
    milter::Session session("me", true);
    Talk talk(session);
    talk.begin();
    talk.send(packet('M', zero_ended(written)) + packet('R', zero_ended(written)));
    REQUIRE(talk.requests.size() == 1);
    CHECK(talk.requests[0].get("sender") == address);
    CHECK(talk.requests[0].get("recipient") == address);
}

TEST_CASE("IPv6 clients have their address, others than IP clients are not asked about") {
    milter::Session session("me", true);
    Talk talk(session);
    talk.send(negotiation() + client("mx.example.org", "IPv6:2001:db8::1", '6') + mail() + recipient());
    REQUIRE(talk.requests.size() == 1);
    CHECK(talk.requests[0].get("client_address") == "2001:db8::1");

    const std::string local =
        GENERATE(packet('C', zero_ended("localhost") + "U"),
                 packet('C', zero_ended("localhost") + "L" + std::string(2, '\0') + zero_ended("/run/s")));
    milter::Session other("me", true);
    Talk talk_of_local(other);
    talk_of_local.send(negotiation());
    talk_of_local.clear();
    talk_of_local.send(local + mail() + recipient());
    CHECK(talk_of_local.requests.empty());
    CHECK(talk_of_local.output() == packet('a'));
}

TEST_CASE("a client that has logged in is accepted, the next message is its own") {
    milter::Session session("me", true);
    Talk talk(session);
    talk.begin();
    talk.send(macros('M', {{"{auth_authen}", "alice"}}) + mail() + recipient());
    CHECK(talk.requests.empty());
    CHECK(talk.output() == packet('a'));
    talk.send(packet('A') + mail() + recipient());
    REQUIRE(talk.requests.size() == 1);
    CHECK(talk.requests[0].get("sasl_username").empty());
    CHECK(talk.requests[0].get("instance") == "me.2");
}

TEST_CASE("replies in the words of the milter protocol") {
    const auto y = [](const std::string& text) { return packet('y', zero_ended(text)); };
    const auto [reply, bytes] = GENERATE_COPY(table<policy::Reply, std::string>({
        {policy::Reply{}, packet('c')},
        {policy::Reply{.header = "X-Greylist: whitelisted", .holds_for_message = true}, packet('a')},
        {{Action::discard}, packet('d')},
        {{Action::hold, "hold", "why"}, packet('c')},
        {{Action::defer, "", "Greylisted for 5 minutes"}, y("451 4.7.1 Greylisted for 5 minutes")},
        {{Action::defer, "defer", "later"}, y("451 4.7.1 later")},
        {{Action::defer, "450", "later"}, y("450 4.7.1 later")},
        {{Action::defer, "450", "4.2.0 later"}, y("450 4.2.0 later")},
        {{Action::defer, "450", "5.2.0 later"}, y("450 4.7.1 later")},
        {{Action::defer, "450", "4.2.0"}, y("450 4.2.0 Try again later")},
        {{Action::defer, "450", "4.2 later"}, y("450 4.7.1 4.2 later")},
        {{Action::defer, "", ""}, y("451 4.7.1 Try again later")},
        {{Action::reject, "reject", ""}, y("554 5.7.1 Access denied")},
        {{Action::reject, "550", "no\r\n250 yes"}, y("550 5.7.1 no??250 yes")},
        {{Action::reject, "99", "100% \xc3\xbc"}, y("554 5.7.1 100%% ??")},
    }));
    milter::Session session("me", true);
    Talk talk(session);
    talk.begin();
    talk.send(mail() + recipient());
    talk.answer(reply);
    CHECK(talk.output() == bytes);
}

TEST_CASE("the header and the reason to hold a message come at its end, once") {
    milter::Session session("me", true);
    Talk talk(session);
    talk.begin();
    talk.send(mail() + recipient());
    talk.answer({Action::pass, "", "", "X-Greylist: delayed 00:05:01"});
    talk.send(recipient());
    talk.answer({Action::hold, "hold", "bad\nsender"});
    talk.clear();
    talk.send(packet('E'));
    CHECK(talk.output() == packet('h', zero_ended("X-Greylist") + zero_ended("delayed 00:05:01")) +
                               packet('q', zero_ended("bad?sender")) + packet('c'));
    talk.clear();
    talk.send(mail() + packet('E'));
    CHECK(talk.output() == packet('c'));
}

TEST_CASE("without the right to it nothing is changed") {
    milter::Session session("me", true);
    Talk talk(session);
    talk.send(negotiation(6, 0, 0x1fffff) + client("mx.example.org", "192.0.2.10") + mail() + recipient());
    talk.answer({Action::pass, "", "", "X-Greylist: delayed 00:05:01"});
    talk.send(recipient());
    talk.answer({Action::hold, "hold", "why"});
    talk.clear();
    talk.send(packet('E'));
    CHECK(talk.output() == packet('c'));
}

TEST_CASE("a mail server that must be answered at each command is") {
    milter::Session session("me", true);
    Talk talk(session);
    talk.send(negotiation(2, 0x3f, 0));
    talk.clear();
    const std::string text = client("mx.example.org", "192.0.2.10") + packet('H', zero_ended("mx")) + mail() +
                             packet('L', zero_ended("Subject") + zero_ended("x")) + packet('N') +
                             packet('B', std::string(70000, 'x')) + packet('T') +
                             packet('U', zero_ended("FOO"));
    talk.send(text);
    std::string answers;
    for (int i = 0; i < 8; ++i) answers += packet('c');
    CHECK(talk.output() == answers);
    CHECK(session.fault().empty());
    CHECK_FALSE(session.midway());
}

TEST_CASE("nothing is read before a request has its answer") {
    milter::Session session("me", true);
    Talk talk(session);
    talk.begin();
    talk.send(mail() + recipient() + recipient() + packet('E'));
    CHECK(talk.requests.size() == 1);
    talk.answer({});
    CHECK(talk.requests.size() == 2);
    CHECK(talk.output() == packet('c'));
    talk.answer({});
    CHECK(talk.output() == packet('c') + packet('c') + packet('c'));
}

TEST_CASE("another client, also without K, has nothing of the one before") {
    for (const std::string& said :
         {client("two.example.org", "192.0.2.20"),
          macros('C', {{"{client_ptr}", "two.example.org"}}) + client("two.example.org", "192.0.2.20")}) {
        milter::Session session("me", true);
        Talk talk(session);
        talk.send(negotiation() +
                  macros('C', {{"{client_name}", "one.example.org"}, {"{auth_authen}", "alice"}}) +
                  client("one.example.org", "192.0.2.10") + packet('H', zero_ended("one")) + mail() + said +
                  mail() + recipient());
        REQUIRE(talk.requests.size() == 1);
        CHECK(talk.requests[0].get("client_address") == "192.0.2.20");
        CHECK(talk.requests[0].get("client_name") == "unknown");
        CHECK(talk.requests[0].get("helo_name").empty());
        CHECK(talk.requests[0].get("sasl_username").empty());
    }
}

TEST_CASE("after K comes another client, after Q nothing") {
    milter::Session session("me", true);
    Talk talk(session);
    talk.send(negotiation() + macros('C', {{"{client_name}", "one.example.org"}}) +
              client("one.example.org", "192.0.2.10") + packet('H', zero_ended("one")) + packet('K') +
              client("two.example.org", "192.0.2.20") + mail() + recipient());
    REQUIRE(talk.requests.size() == 1);
    CHECK(talk.requests[0].get("client_address") == "192.0.2.20");
    CHECK(talk.requests[0].get("client_name") == "unknown");
    CHECK(talk.requests[0].get("helo_name").empty());
    talk.answer({});
    CHECK_FALSE(session.ended());
    talk.send(packet('Q') + recipient());
    CHECK(session.ended());
    CHECK(session.fault().empty());
    CHECK(talk.requests.size() == 1);
}
