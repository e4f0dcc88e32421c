// Which list decides if several match, and what is reported about it.
#include "lists_fixture.hpp"

#include <catch2/catch.hpp>

using namespace lists_test;
using enum sqlgrey::lists::ListName;

namespace {

// Each of the lists below matches it.
const Who known{"192.0.2.1", "mx.example.org", "user@example.org", "rcpt@example.net"};

std::shared_ptr<const lists::List> list_that_knows(ListName name) {
    switch (name) {
        case clients_ip_whitelist:
            return built(name, "192.0.2").list;
        case clients_fqdn_whitelist:
            return built(name, "mx.example.org").list;
        case whitelist_recipients:
            return built(name, "rcpt@").list;
        case whitelist_clients:
        case never_whitelist_clients:
        case blacklist_clients:
            return built(name, "example.org").list;
        default:
            return built(name, "@example.org").list;
    }
}

MatchKind kind_of(ListName name) {
    switch (name) {
        case blacklist_clients:
        case blacklist_senders:
            return MatchKind::blacklisted;
        case never_whitelist_clients:
        case never_whitelist_senders:
            return MatchKind::none;
        default:
            return MatchKind::whitelisted;
    }
}

bool is_never(ListName name) {
    return name == never_whitelist_clients || name == never_whitelist_senders;
}

}  // namespace

TEST_CASE("without lists nothing is known of anyone") {
    const Match match = match_of(Lists{}, known);
    CHECK(match.kind == MatchKind::none);
    CHECK_FALSE(match.never_awl);
    CHECK_FALSE(match.by);
}

TEST_CASE("the first list in order decides, and is named") {
    const std::vector<ListName> order{whitelist_recipients, blacklist_clients,       blacklist_senders,
                                      clients_ip_whitelist, clients_fqdn_whitelist,  whitelist_clients,
                                      whitelist_senders,    never_whitelist_clients, never_whitelist_senders};
    REQUIRE(order.size() == lists::all_list_names.size());
    std::vector<std::shared_ptr<const lists::List>> last_ones;
    for (std::size_t i = order.size(); i > 0; --i) {
        const ListName first = order[i - 1];
        CAPTURE(text_of(first));
        last_ones.push_back(list_that_knows(first));
        const Match match = match_of(Lists(last_ones), known);
        CHECK(match.kind == kind_of(first));
        CHECK(match.never_awl == is_never(first));
        REQUIRE(match.by);
        CHECK(match.by->list == first);
        CHECK(match.by->source == "/etc/x");
        CHECK(match.by->line == 1);
        CHECK_FALSE(match.by->is_row);
    }
}

TEST_CASE("an explanation names the entries of all lists, in their order") {
    using enum lists::Asked::Answer;
    const Lists all({built(blacklist_clients, "example.net\nexample.com").list,
                     built(whitelist_senders, "@example.org").list,
                     built(never_whitelist_senders, "@example.org").list});
    const policy::Attempt attempt{address(known.client), known.client_name, known.sender, known.recipient};
    const std::vector<lists::Asked> asked = all.explain(attempt);
    std::vector<lists::Asked::Answer> answers;
    for (const lists::Asked& one : asked) answers.push_back(one.answer);
    CHECK(answers == std::vector{empty, no_entry, empty, empty, empty, empty, found, empty, decided_earlier});
    CHECK(asked[1].list == blacklist_clients);
    CHECK(asked[1].entries == 2);
    CHECK(asked[6].by->line == match_of(all, known).by->line);
    const Lists verified({built(whitelist_senders, "@example.org").list}, {.senders_need_name = true});
    CHECK(verified.explain(attempt)[6].answer == found);
    const policy::Attempt stranger{address(known.client), "mx.example.net", known.sender, known.recipient};
    CHECK(verified.explain(stranger)[6].answer == not_verified);
}

TEST_CASE("of lists with one name the earlier one decides, and added ones come after it") {
    const auto first = built(whitelist_clients, "\nexample.org", "/first").list;
    const auto second = built(whitelist_clients, "example.org\nexample.net", "/second").list;
    const Lists one({first});
    const Lists both = one.with({nullptr, second});
    CHECK(match_of(both, {.client_name = "example.org"}).by->source == "/first");
    CHECK(match_of(both, {.client_name = "example.org"}).by->line == 2);
    CHECK(match_of(both, {.client_name = "example.net"}).by->source == "/second");
    CHECK_FALSE(match_of(one, {.client_name = "example.net"}).by);
    CHECK(match_of(one.with({}), {.client_name = "example.org"}).by);
}

TEST_CASE("whitelist_senders_verified also applies to added lists") {
    const Lists with_option =
        Lists({}, {.senders_need_name = true}).with({built(whitelist_senders, "@a.org").list});
    CHECK_FALSE(match_of(with_option, {.sender = "x@a.org"}).by);
    CHECK(match_of(with_option, {.client_name = "mx.a.org", .sender = "x@a.org"}).by);
}

TEST_CASE("a snapshot keeps its lists alive") {
    Lists snapshot;
    {
        const Lists old({list_that_knows(blacklist_senders)});
        snapshot = old.with({list_that_knows(whitelist_clients)});
    }
    CHECK(match_of(snapshot, known).kind == MatchKind::blacklisted);
}

TEST_CASE("any bytes may be asked about") {
    const Lists all({list_that_knows(whitelist_recipients), list_that_knows(blacklist_senders),
                     list_that_knows(whitelist_clients), built(whitelist_senders, "/\\.\\./").list});
    for (int byte = 0; byte < 256; ++byte) {
        const std::string text(byte % 7 * 80, static_cast<char>(byte));
        CHECK(match_of(all, {.client_name = text, .sender = text + "@" + text, .recipient = text}).kind ==
              (byte == '.' && !text.empty() ? MatchKind::whitelisted : MatchKind::none));
    }
}
