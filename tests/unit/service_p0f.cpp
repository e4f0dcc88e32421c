// What p0f says of a client, in lists and in discrimination: it counts as soon as it is known.
#include "service_fixture.hpp"
#include "sqlgrey/service/counters.hpp"

#include <catch2/catch.hpp>

namespace sqlgrey::service {
namespace {

using lists::ListName;
using Operator = lists::Rule::Operator;

constexpr const char* deferred = "defer_if_permit Greylisted for 5 minutes";
constexpr const char* unsuspicious =
    "PREPEND X-Greylist: not greylisting mail from 192.0.2.25 in SQLgrey-2.0.0";

struct P0fTest : ServiceTest {
    P0fTest() {
        rules.enrich = true;
        service = make();
    }
    void suspect(const std::string& attribute, Operator op, const std::string& expression) {
        std::vector<lists::Rule> all;
        all.push_back({"helo_name", Operator::matches, net::Pattern("^never$", net::LetterCase::matters)});
        all.push_back({attribute, op, net::Pattern(expression, net::LetterCase::matters)});
        rules.discrimination = std::make_shared<const lists::Discrimination>(std::move(all));
        service = make();
    }
    void list(ListName name, const std::string& entry, std::int64_t row = 5) {
        lists::ListBuilder builder = lists::ListBuilder::of_rows(name);
        builder.add(entry, row);
        lists = std::make_shared<const lists::Lists>(lists->with({std::move(builder).build().list}));
    }
    greylist::ClientFacts& facts() { return store->client_facts[{"192.0.2.25", "example.org"}]; }
    std::string ask_and_tell(const policy::Request& one) {
        told.clear();
        const std::string reply = ask(one);
        service->replied();
        return reply;
    }
};

}  // namespace

TEST_CASE_METHOD(P0fTest,
                 "a rule about p0f does not match at first, asks for the fact, and counts once it is known") {
    suspect("p0f_os", Operator::matches, "^Windows XP");
    CHECK(ask_and_tell(request()) == unsuspicious);
    CHECK(store->connect.empty());
    REQUIRE(told.size() == 1);
    CHECK(told[0].client == "192.0.2.25");
    CHECK_FALSE(told[0].letter);

    facts().p0f_os = "Windows XP";
    facts().complete = true;
    CHECK(ask_and_tell(request()) == deferred);
    CHECK(told.empty());
    clock.advance(6min);
    CHECK(ask(request()).starts_with("PREPEND X-Greylist: delayed 00:06:00"));

    facts().p0f_os = "Linux 3.x";
    CHECK(ask(request("carol@example.org")) == unsuspicious);
}

TEST_CASE_METHOD(P0fTest, "the number of the rule that p0f made match is in the reply") {
    rules.discrimination_add_rulenr = true;
    suspect("p0f_distance", Operator::matches, "^[0-9]$");
    facts().p0f_distance = 4;
    CHECK(ask(request()) == std::string{deferred} + " (2)");
    facts().p0f_distance = 14;
    CHECK(ask(request("carol@example.org")) == unsuspicious);
}

TEST_CASE_METHOD(P0fTest, "a known sender is not looked up for p0f") {
    suspect("p0f_os", Operator::matches, "Windows");
    facts().p0f_os = "Windows XP";
    store->from_awl[{"192.0.2.25", "example.org", "alice"}] = {clock.now() - 1h, clock.now() - 1h};
    const int visits = store->visits;
    CHECK(ask_and_tell(request()) == unsuspicious);
    CHECK(store->visits == visits + 1);
    CHECK(told.empty());
}

TEST_CASE_METHOD(P0fTest, "rules that do not look at p0f cost no second lookup") {
    suspect("client_name", Operator::matches, "^dsl");
    const int visits = store->visits;
    CHECK(ask_and_tell(request()) == unsuspicious);
    CHECK(store->visits == visits + 1);
    CHECK(told.empty());
    rules.enrich = false;
    suspect("p0f_os", Operator::matches, "Windows");
    facts().p0f_os = "Windows XP";
    const int before = store->visits;
    CHECK(ask_and_tell(request()) == unsuspicious);
    CHECK(store->visits == before + 1);
}

TEST_CASE_METHOD(P0fTest, "lists with entries about p0f are asked again when it is known") {
    list(ListName::whitelist_clients, "p0f_os:OpenBSD*", 7);
    CHECK(ask_and_tell(request()) == deferred);
    CHECK(hits.empty());
    CHECK(told.size() == 1);
    facts().p0f_os = "OpenBSD 4.x-5.x";
    CHECK(ask(request()) == "PREPEND X-Greylist: whitelisted by SQLgrey-2.0.0");
    CHECK(hits == std::vector<std::int64_t>{7});
    CHECK(counters.list_hits[static_cast<std::size_t>(ListName::whitelist_clients)].value() == 1);
    CHECK(logged("whitelist: alice@example.org, 192.0.2.25(unknown) -> bob@example.net"));

    list(ListName::blacklist_clients, "p0f_link:DSL", 8);
    facts().p0f_link = "DSL";
    CHECK(ask(request()).starts_with("554 "));  // blacklists are asked first
    CHECK(hits == std::vector<std::int64_t>{7, 8});
}

TEST_CASE_METHOD(P0fTest, "an entry about p0f keeps a client off the auto-whitelists") {
    list(ListName::never_whitelist_clients, "p0f_os:Windows XP*");
    facts().p0f_os = "Windows XP";
    CHECK(ask(request()) == deferred);
    clock.advance(6min);
    CHECK(ask(request()).starts_with("PREPEND X-Greylist: delayed"));
    CHECK(store->from_awl.empty());
    CHECK(store->connect.size() == 1);
}

TEST_CASE_METHOD(P0fTest,
                 "an entry found without p0f is counted once, and gives way to a blacklist that needs p0f") {
    list(ListName::never_whitelist_senders, "@example.org", 3);
    list(ListName::blacklist_clients, "p0f_os:Windows XP*", 4);
    facts().p0f_os = "Linux 3.x";
    CHECK(ask(request()) == deferred);
    CHECK(hits == std::vector<std::int64_t>{3});
    facts().p0f_os = "Windows XP";
    CHECK(ask(request()).starts_with("554 "));
    CHECK(hits == std::vector<std::int64_t>{3, 3, 4});
}

TEST_CASE_METHOD(P0fTest, "in one batch each request is decided by what is known of its client") {
    suspect("p0f_os", Operator::matches, "Windows");
    list(ListName::whitelist_clients, "p0f_link:SLIP");
    facts().p0f_os = "Windows XP";
    store->client_facts[{"192.0.2.26", "example.org"}].p0f_link = "SLIP";
    std::vector<policy::Request> batch{request("a@example.org"), request("b@example.org"),
                                       request("c@example.org")};
    batch[1].set("client_address", "192.0.2.26");
    batch[2].set("client_address", "192.0.2.27");
    const auto replies = ask(batch);
    CHECK(replies[0] == deferred);
    CHECK(replies[1] == "PREPEND X-Greylist: whitelisted by SQLgrey-2.0.0");
    CHECK(replies[2] == "PREPEND X-Greylist: not greylisting mail from 192.0.2.27 in SQLgrey-2.0.0");
    CHECK(store->connect.size() == 1);
}

}  // namespace sqlgrey::service
