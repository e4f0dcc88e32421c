// From postgrey's records and deliveries to rows: exact ones are accepted, others refused with a reason.
#include "sqlgrey/importer/mapping.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace std::chrono_literals;
using namespace sqlgrey::importer;
using greylist::Import;
using greylist::KnownClient;
using greylist::KnownSender;
using greylist::Seen;
using greylist::WaitingTriplet;

namespace {

constexpr base::Time now = base::at(2'000'000'000);
constexpr base::Seconds hour = std::chrono::hours{1};
constexpr base::Seconds day = std::chrono::hours{24};

net::Address address(const char* text) {
    return *net::parse_address(text);
}

net::IdentityRules by(net::GreyMethod method) {
    net::IdentityRules rules;
    rules.method = method;
    return rules;
}

net::IdentityRules by_prefix(int v4, int v6) {
    net::IdentityRules rules = by(net::GreyMethod::prefix);
    rules.ipv4_prefix = v4;
    rules.ipv6_prefix = v6;
    return rules;
}

TargetRules target_rules(net::GreyMethod method = net::GreyMethod::smart) {
    TargetRules rules{by(method), {}, now};
    rules.policy.auto_whitelist_clients = 5;
    return rules;
}

using Texts = std::vector<std::string>;

Texts identities(const char* network, int length, const net::IdentityRules& rules) {
    const Identities found = identities_of(address(network), length, rules);
    REQUIRE(found.texts.empty() != found.why_none.empty());
    return found.texts;
}

PostgreyTriplet triplet(base::Time first, base::Time last) {
    return {address("192.0.2.0"), false, "alice@example.org", "bob@example.net", first, last};
}

std::string deverped(const char* sender, const char* recipient = "bob@example.net") {
    const auto found = sender_from_postgrey(sender, recipient);
    return found ? found->deverped : "(lost)";
}

}  // namespace

TEST_CASE("a class C network is what smart and classc make of most mail servers") {
    REQUIRE(identities("192.0.2.0", 24, by(net::GreyMethod::smart)) == Texts{"192.0.2"});
    REQUIRE(identities("192.0.2.0", 24, by(net::GreyMethod::classc)) == Texts{"192.0.2"});
    REQUIRE(identities("192.0.2.16", 28, by(net::GreyMethod::classc)) == Texts{"192.0.2"});
    REQUIRE(identities("192.0.0.0", 16, by(net::GreyMethod::classc)).empty());
    REQUIRE(identities("192.0.2.0", 24, by(net::GreyMethod::full)).empty());
}

TEST_CASE("an address is the identity itself, or lies in it") {
    REQUIRE(identities("192.0.2.10", 32, by(net::GreyMethod::full)) == Texts{"192.0.2.10"});
    REQUIRE(identities("192.0.2.10", 32, by(net::GreyMethod::classc)) == Texts{"192.0.2"});
    REQUIRE(identities("192.0.2.10", 32, by(net::GreyMethod::smart)) == Texts{"192.0.2", "192.0.2.10"});
    REQUIRE(identities("2001:db8::1:2", 128, by(net::GreyMethod::full)) == Texts{"2001:db8::1:2"});
    REQUIRE(identities("2001:db8::1:2", 128, by(net::GreyMethod::classc)) ==
            Texts{"2001:0db8:0000:0000:0000:0000:0001:0002"});
    REQUIRE(identities("2001:db8::1:2", 128, by(net::GreyMethod::smart)) ==
            Texts{"2001:0db8:0000:0000:0000:0000:0001:0002", "2001:db8::1:2"});
    REQUIRE(identities("192.0.2.10", 32, by_prefix(20, 48)) == Texts{"192.0.0.0/20"});
}

TEST_CASE("an IPv6 network is the identity of clients with a hardware address") {
    REQUIRE(identities("2001:db8:0:1::", 64, by(net::GreyMethod::smart)) == Texts{"2001:0db8:0000:0001"});
    REQUIRE(identities("fd00:0:0:1::", 64, by(net::GreyMethod::smart)).empty());
    REQUIRE(identities("2001:db8::", 48, by(net::GreyMethod::smart)).empty());
    REQUIRE(identities("2001:db8:0:1:8000::", 65, by(net::GreyMethod::classc)).empty());
}

TEST_CASE("with prefix a network counts if it is no wider than ours") {
    REQUIRE(identities("192.0.2.0", 24, by_prefix(24, 64)) == Texts{"192.0.2"});
    REQUIRE(identities("192.0.2.0", 24, by_prefix(16, 64)) == Texts{"192.0"});
    REQUIRE(identities("192.0.2.0", 24, by_prefix(28, 64)).empty());
    REQUIRE(identities("2001:db8:0:1::", 64, by_prefix(24, 48)) == Texts{"2001:0db8:0000"});
    REQUIRE(identities("2001:db8:0:1::", 64, by_prefix(24, 128)).empty());
}

TEST_CASE("an address that is not a network of that length shows that postgrey ran with other options") {
    for (const auto method : {net::GreyMethod::smart, net::GreyMethod::full, net::GreyMethod::classc}) {
        REQUIRE(identities("192.0.2.10", 24, by(method)).empty());
        REQUIRE(identities("2001:db8::1:2", 64, by(method)).empty());
    }
}

TEST_CASE("a sender stored by postgrey is mapped to ours, whatever its numbers were") {
    REQUIRE(deverped("alice@example.org") == "alice");
    REQUIRE(deverped("bounce-#-abc@example.org") == mail::deverp("bounce-815-abc", "bob@example.net"));
    REQUIRE(deverped("list-#-#@example.org") == "list-#-#");
    REQUIRE(deverped("news.#.x@example.org") == mail::deverp("news.2026.x", "bob@example.net"));
    REQUIRE(deverped("x-bob=example.net@example.org") == "x-RCPT");
    REQUIRE(deverped("") == "-undef-");
    REQUIRE(deverped("root") == "root");
}

TEST_CASE("if the numbers matter, the sender is unusable") {
    REQUIRE(deverped("#@example.org") == "(lost)");
    REQUIRE(deverped("user #@example.org") == "(lost)");
    REQUIRE(mail::deverp("x-bob.7=example.net", "bob.7@example.net") == "x-RCPT");
    REQUIRE(deverped("x-bob.#=example.net@example.org", "bob.7@example.net") == "(lost)");
}

TEST_CASE("unfolding agrees with the daemon for every number that postgrey may have replaced") {
    for (const std::string& shape : std::vector<std::string>{"bounce-#-x", "a.#.b", "#-list", "#.abcd", "#",
                                                             "x=#", "n-#-bob=example.net", "owner#"}) {
        const std::string folded = shape + "@example.org";
        const auto found = sender_from_postgrey(folded, "bob@example.net");
        for (const std::string number : {"3", "42", "2026", "00000000", "98765432109"}) {
            std::string sent = shape;
            sent.replace(sent.find('#'), 1, number);
            INFO(shape << " with " << number);
            if (found) REQUIRE(found->deverped == mail::deverp(sent, "bob@example.net"));
        }
    }
}

TEST_CASE("a triplet that passed gives a known sender, with both times") {
    const Mapped result = mapped(triplet(now - 3 * day, now - 2 * day), {}, target_rules());
    REQUIRE(result.status == RecordStatus::trusted);
    REQUIRE(result.rows == std::vector<Import>{KnownSender{"192.0.2", "example.org", "alice",
                                                           Seen{now - 3 * day, now - 2 * day}}});
}

TEST_CASE("whether it passed is a question of postgrey's delay") {
    REQUIRE(mapped(triplet(now - 400s, now - 100s), {}, target_rules()).status == RecordStatus::trusted);
    REQUIRE(mapped(triplet(now - 400s, now - 101s), {}, target_rules()).status == RecordStatus::waiting);
    PostgreyOptions long_delay;
    long_delay.delay = hour;
    REQUIRE(mapped(triplet(now - 400s, now - 100s), long_delay, target_rules()).status ==
            RecordStatus::waiting);
}

TEST_CASE("a waiting triplet goes on waiting, with the name as sent") {
    const Mapped result = mapped(triplet(now - hour, now - hour), {}, target_rules());
    REQUIRE(result.status == RecordStatus::waiting);
    REQUIRE(result.rows == std::vector<Import>{WaitingTriplet{
                               {"192.0.2", "example.org", "alice", "alice", "bob@example.net"}, now - hour}});
    PostgreyTriplet folded = triplet(now - hour, now - hour);
    folded.sender = "list-#@example.org";
    REQUIRE(mapped(folded, {}, target_rules()).status == RecordStatus::unusable);
    folded.last = now;
    REQUIRE(mapped(folded, {}, target_rules()).status == RecordStatus::trusted);
}

TEST_CASE("records too old by our settings do not count") {
    REQUIRE(mapped(triplet(now - 100 * day, now - 60 * day), {}, target_rules()).status ==
            RecordStatus::expired);
    REQUIRE(mapped(triplet(now - 100 * day, now - 60 * day + 1s), {}, target_rules()).status ==
            RecordStatus::trusted);
    REQUIRE(mapped(triplet(now - day, now - day), {}, target_rules()).status == RecordStatus::waiting);
    REQUIRE(mapped(triplet(now - day - 1s, now - day - 1s), {}, target_rules()).status ==
            RecordStatus::expired);
}

TEST_CASE("times in the future count as now") {
    const Mapped result = mapped(triplet(now + day, now + 2 * day), {}, target_rules());
    REQUIRE(result.rows ==
            std::vector<Import>{KnownSender{"192.0.2", "example.org", "alice", Seen{now, now}}});
}

TEST_CASE("with --lookup-by-host the address counts, given by the record or by the option") {
    PostgreyTriplet host = triplet(now - day, now);
    host.network = address("192.0.2.10");
    REQUIRE(mapped(host, {}, target_rules()).status == RecordStatus::unusable);
    const std::vector<Import> exact{KnownSender{"192.0.2.10", "example.org", "alice", Seen{now - day, now}}};
    PostgreyOptions by_host;
    by_host.lookup_by_host = true;
    REQUIRE(mapped(host, by_host, target_rules(net::GreyMethod::full)).rows == exact);
    host.whole_address = true;
    REQUIRE(mapped(host, {}, target_rules(net::GreyMethod::full)).rows == exact);
    REQUIRE(mapped(host, {}, target_rules()).rows.size() == 2);
}

TEST_CASE("bytes that tables cannot hold are stored as the daemon stores them") {
    PostgreyTriplet odd = triplet(now - hour, now - hour);
    odd.sender = "a\xff\x01@example.org";
    const Mapped result = mapped(odd, {}, target_rules());
    REQUIRE(std::get<WaitingTriplet>(result.rows.at(0)).triplet.sender_name == "a\\xff\\x01");
    odd.sender = std::string(300, 'a') + "@example.org";
    odd.recipient = std::string(300, 'b');
    const auto cut = std::get<WaitingTriplet>(mapped(odd, {}, target_rules()).rows.at(0)).triplet;
    REQUIRE(cut.sender_name.size() == 64);
    REQUIRE(cut.rcpt.size() == 255);
}

TEST_CASE("a client that was trusted there has passed often enough here") {
    const Mapped result = mapped(PostgreyClient{address("192.0.2.10"), 5, now - day}, {},
                                 target_rules(net::GreyMethod::classc));
    REQUIRE(result.status == RecordStatus::trusted);
    REQUIRE(result.rows == std::vector<Import>{KnownClient{"192.0.2", 5, Seen{now - day, now - day}}});
    PostgreyOptions quick;
    quick.auto_whitelist_clients = 1;
    const Mapped early = mapped(PostgreyClient{address("192.0.2.10"), 1, now - day}, quick, target_rules());
    REQUIRE(early.status == RecordStatus::trusted);
    REQUIRE(std::get<KnownClient>(early.rows.at(0)).passes == 5);
}

TEST_CASE("a client not yet trusted keeps its count") {
    const Mapped result = mapped(PostgreyClient{address("192.0.2.10"), 3, now - day}, {}, target_rules());
    REQUIRE(result.status == RecordStatus::waiting);
    REQUIRE(std::get<KnownClient>(result.rows.at(0)).passes == 3);
    PostgreyOptions never;
    never.auto_whitelist_clients = 0;
    REQUIRE(mapped(PostgreyClient{address("192.0.2.10"), 3, now - day}, never, target_rules()).status ==
            RecordStatus::waiting);
}

TEST_CASE("clients are of no use where they are not whitelisted, or too old") {
    TargetRules off = target_rules();
    off.policy.auto_whitelist_clients = 0;
    const Mapped unused = mapped(PostgreyClient{address("192.0.2.10"), 5, now}, {}, off);
    REQUIRE(unused.status == RecordStatus::unusable);
    REQUIRE(unused.why.find("auto_whitelist_clients") != std::string_view::npos);
    REQUIRE(mapped(PostgreyClient{address("192.0.2.10"), 5, now - 60 * day}, {}, target_rules()).status ==
            RecordStatus::expired);
}

TEST_CASE("a delivery gives a known sender at the client's identity, for each form of its name") {
    Delivery delivery{address("192.0.2.10"),
                      "192.0.2.10",
                      "mx1.example.org",
                      "list-bob=example.net@example.org",
                      {"bob@example.net", "bob@example.net", "eve@example.net"},
                      now - hour,
                      now - hour};
    const Seen then{now - hour, now - hour};
    REQUIRE(mapped(delivery, target_rules()).rows ==
            std::vector<Import>{KnownSender{"192.0.2", "example.org", "list-RCPT", then},
                                KnownSender{"192.0.2", "example.org", "list-bob=example.net", then}});
    delivery.client_name = "unknown";
    delivery.recipients.clear();
    REQUIRE(mapped(delivery, target_rules()).rows ==
            std::vector<Import>{KnownSender{"192.0.2.10", "example.org", "list-bob=example.net", then}});
    delivery.at = delivery.first = now - 60 * day;
    REQUIRE(mapped(delivery, target_rules()).status == RecordStatus::expired);
}

TEST_CASE(
    "a delivery from a client that postgrey trusts gives a known client, if auto_whitelist_clients is set") {
    Delivery delivery{address("192.0.2.10"),
                      "192.0.2.10",
                      "mx1.example.org",
                      "a@example.org",
                      {"b@example.net"},
                      now,
                      now,
                      true};
    const auto rows = mapped(delivery, target_rules()).rows;
    REQUIRE(rows.size() == 2);
    REQUIRE(rows.at(1) == Import{KnownClient{"192.0.2", 5, Seen{now, now}}});
    TargetRules off = target_rules();
    off.policy.auto_whitelist_clients = 0;
    REQUIRE(mapped(delivery, off).rows.size() == 1);
}
