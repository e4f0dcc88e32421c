// The effect of lists, opt tables, discrimination and other recipients of a message on replies, rows and log.
#include "service_fixture.hpp"

namespace sqlgrey::service {
namespace {

using lists::ListName;

struct ListsTest : ServiceTest {
    void list(ListName name, const std::string& entry) {
        lists::ListBuilder builder(name, "/etc/sqlgrey/list");
        builder.add(entry, 12);
        add(std::move(builder));
    }
    void row(ListName name, const std::string& entry, std::int64_t id) {
        lists::ListBuilder builder = lists::ListBuilder::of_rows(name);
        builder.add(entry, id);
        add(std::move(builder));
    }
    void add(lists::ListBuilder builder) {
        lists = std::make_shared<const lists::Lists>(lists->with({std::move(builder).build().list}));
    }
    std::size_t rows() const { return store->connect.size(); }
    void pass_after_waiting(const policy::Request& one) {
        ask(one);
        clock.advance(6min);
        REQUIRE(ask(one).find("delayed") != std::string::npos);
    }
};

constexpr const char* deferred = "defer_if_permit Greylisted for 5 minutes";
constexpr const char* whitelisted = "PREPEND X-Greylist: whitelisted by SQLgrey-2.0.0";

}  // namespace

TEST_CASE_METHOD(ListsTest, "a whitelisted client passes, is logged as by SQLgrey 1.8, and adds no row") {
    list(ListName::clients_ip_whitelist, "192.0.2.0/24");
    CHECK(ask(request()) == whitelisted);
    CHECK(rows() == 0);
    CHECK(log_lines ==
          std::vector<std::string>{"whitelist: alice@example.org, 192.0.2.25(unknown) -> bob@example.net"});
}

TEST_CASE_METHOD(ListsTest, "a whitelisted message has one header, and none without prepend") {
    list(ListName::whitelist_senders, "@example.org");
    CHECK(ask(request("a@example.org", "b@example.net", "m1")) == whitelisted);
    CHECK(ask(request("a@example.org", "c@example.net", "m1")) == "dunno");
    rules.prepend = false;
    service = make();
    CHECK(ask(request()) == "dunno");
}

TEST_CASE_METHOD(ListsTest, "a hit on a row of the database is counted, on a file's line not") {
    list(ListName::clients_ip_whitelist, "198.51.100.7");
    row(ListName::whitelist_recipients, "bob@example.net", 77);
    ask(request());
    ask(request("alice@example.org", "carol@example.net"));
    CHECK(hits == std::vector<std::int64_t>{77});
}

TEST_CASE_METHOD(ListsTest, "a blacklisted sender is refused with the admin's words") {
    list(ListName::blacklist_senders, "@example.org");
    rules.blacklist_reply = policy::reply_of("REJECT go away");
    service = make();
    CHECK(ask(request()) == "REJECT go away");
    CHECK(rows() == 0);
    CHECK(logged("whitelist: blacklisted: alice@example.org, 192.0.2.25(unknown) -> bob@example.net"));
}

TEST_CASE_METHOD(ListsTest, "lists stay in effect while the database is unavailable") {
    list(ListName::clients_ip_whitelist, "192.0.2.25");
    rules.pass_without_database = false;
    service = make();
    store->failing = true;
    server_is_there = false;
    policy::Request stranger = request();
    stranger.set("client_address", "198.51.100.1");
    const auto replies = ask({request(), stranger});
    CHECK(replies.at(0) == whitelisted);
    CHECK(replies.at(1).starts_with("defer_if_permit Greylisting cannot"));
    const std::vector<policy::Request> late{request(), stranger, request("a@example.org", "")};
    const auto at_once = ask_without_database(late);
    CHECK(at_once.at(0) == "dunno");
    CHECK(at_once.at(1).starts_with("defer_if_permit"));
    CHECK(at_once.at(2) == "dunno");
    CHECK(ask_without_database(late, policy::Reporting::by_answer) == at_once);
}

TEST_CASE_METHOD(ListsTest, "a decision by a list is logged while the database is unavailable, once") {
    list(ListName::blacklist_senders, "@example.org");
    service = make();
    const std::string line =
        "whitelist: blacklisted: alice@example.org, 192.0.2.25(unknown) -> bob@example.net";
    ask_without_database({request()}, policy::Reporting::by_answer);
    CHECK(times_logged(line) == 0);
    ask_without_database({request()});
    CHECK(times_logged(line) == 1);
}

TEST_CASE_METHOD(ListsTest, "clients and senders never auto-whitelisted wait with each triplet") {
    list(ListName::never_whitelist_senders, "@example.org");
    pass_after_waiting(request());
    CHECK(store->from_awl.empty());
    CHECK(ask(request("alice@example.org", "carol@example.net")) == deferred);
    CHECK(ask(request()).find("delayed") != std::string::npos);  // its own triplet still counts
}

TEST_CASE_METHOD(ListsTest, "opt-out: the header names no recipient, because another one may read it") {
    rules.policy.opt_method = greylist::OptMethod::optout;
    service = make();
    store->opted["bob@example.net"].out_email = true;
    CHECK(ask(request()) == "PREPEND X-Greylist: greylisting inactive for a recipient in SQLgrey-2.0.0");
    CHECK(ask(request("alice@example.org", "carol@example.net")) == deferred);
    CHECK(rows() == 1);
}

TEST_CASE_METHOD(ListsTest, "the opt tables are asked in lower case") {
    rules.policy.opt_method = greylist::OptMethod::optout;
    service = make();
    store->opted["bob@example.net"].out_email = true;
    CHECK(ask(request("alice@example.org", "BOB@Example.NET")).find("inactive") != std::string::npos);
}

TEST_CASE_METHOD(ListsTest,
                 "discrimination passes requests that no rule marks, and numbers the rule that did") {
    lists::Rule helo{"helo_name", lists::Rule::Operator::matches,
                     net::Pattern("^bad", net::LetterCase::matters)};
    lists::Rule other{"sender", lists::Rule::Operator::equals, "recipient"};
    rules.discrimination =
        std::make_shared<const lists::Discrimination>(std::vector<lists::Rule>{other, helo});
    rules.discrimination_add_rulenr = true;
    service = make();
    policy::Request suspicious = request();
    suspicious.set("helo_name", "bad.example");
    CHECK(ask(suspicious) == std::string{deferred} + " (2)");
    CHECK(ask(request("b@a", "b@a")) == std::string{deferred} + " (1)");
    CHECK(ask(request()) == "PREPEND X-Greylist: not greylisting mail from 192.0.2.25 in SQLgrey-2.0.0");
    CHECK(rows() == 2);
}

TEST_CASE_METHOD(ListsTest, "message_coherence: once a recipient is accepted, those after it are too") {
    list(ListName::never_whitelist_senders, "@example.org");  // so that no auto-whitelist lets it pass
    pass_after_waiting(request());
    CHECK(ask(request("alice@example.org", "bob@example.net", "m1")).find("delayed") != std::string::npos);
    CHECK(ask(request("alice@example.org", "new@example.net", "m1")) == "dunno");  // one header per message
    CHECK(ask(request("alice@example.org", "new@example.net", "m2")) == deferred);
    CHECK(ask(request("alice@example.org", "new@example.net", "")) == deferred);
    rules.message_coherence = false;
    service = make();
    CHECK(ask(request("alice@example.org", "bob@example.net", "m3")).find("delayed") != std::string::npos);
    CHECK(ask(request("alice@example.org", "newer@example.net", "m3")) == deferred);
}

TEST_CASE_METHOD(ListsTest, "a whitelisted recipient has no effect on those after it") {
    list(ListName::whitelist_recipients, "postmaster@");
    CHECK(ask(request("alice@example.org", "postmaster@example.net", "m1")) == whitelisted);
    CHECK(ask(request("alice@example.org", "bob@example.net", "m1")) == deferred);
}

TEST_CASE_METHOD(ListsTest, "clients with enough accepted retries need not wait, whoever sends") {
    rules.policy.auto_whitelist_clients = 2;
    service = make();
    pass_after_waiting(request("a@one.example", "b@example.net"));
    clock.advance(1h);
    pass_after_waiting(request("a@two.example", "b@example.net"));
    CHECK(ask(request("a@three.example", "b@example.net")) ==
          "PREPEND X-Greylist: client auto-whitelisted by SQLgrey-2.0.0");
    CHECK(logged("grey: client awl match: updating 192.0.2.25(192.0.2.25)"));
}

TEST_CASE_METHOD(ListsTest, "training decides, writes and logs, and lets all pass") {
    rules.training = true;
    list(ListName::blacklist_clients, "198.51.100.0/24");
    service = make();
    CHECK(ask(request()) == "dunno");
    CHECK(rows() == 1);
    CHECK(logged("grey: new: 192.0.2.25(192.0.2.25), alice@example.org -> bob@example.net"));
    clock.advance(6min);
    CHECK(ask(request()) == "dunno");
    CHECK(store->from_awl.size() == 1);
    policy::Request refused = request();
    refused.set("client_address", "198.51.100.1");
    CHECK(ask(refused) == "dunno");
    CHECK(ask_without_database({refused}) == std::vector<std::string>{"dunno"});
}

TEST_CASE_METHOD(ListsTest, "with a privacy key rows hold hashes, and are found again by them") {
    rules.privacy.emplace("0123456789abcdef");
    service = make();
    ask(request("bounce-17@example.org", "bob@example.net"));
    REQUIRE(rows() == 1);
    for (const std::string& column : store->connect.begin()->first) {
        CHECK(column.size() == 32);
        CHECK(column.find_first_not_of("0123456789abcdef") == std::string::npos);
    }
    clock.advance(6min);
    CHECK(ask(request("bounce-18@example.org", "bob@example.net")).find("delayed") != std::string::npos);
    CHECK(rows() == 0);
    CHECK(ask(request("bounce-19@example.org", "carol@example.net")) ==
          "PREPEND X-Greylist: from auto-whitelisted by SQLgrey-2.0.0");
}

}  // namespace sqlgrey::service
