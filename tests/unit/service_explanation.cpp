// explain(): the same decisions as the service, and how they came about.
#include "service_fixture.hpp"
#include "sqlgrey/greylist/deferral_id.hpp"
#include "sqlgrey/service/explanation.hpp"

namespace sqlgrey::service {
namespace {

struct ExplanationTest : ServiceTest {
    Explanation page(const policy::Request& asked = request()) {
        return explain(asked, *lists, rules, *store);
    }
    const greylist::RuleReport& report(const Explanation& found, std::string_view rule) {
        return *std::ranges::find(found.rules, rule, &greylist::RuleReport::rule);
    }
    static std::shared_ptr<const lists::Lists> list_of(lists::ListName name, std::string_view entry) {
        lists::ListBuilder builder(name, "some file");
        builder.add(entry, 7);
        return std::make_shared<const lists::Lists>(std::vector{std::move(builder).build().list});
    }
};

}  // namespace

TEST_CASE_METHOD(ExplanationTest, "an attempt that is only asked about leaves no row") {
    const Explanation found = page();
    CHECK(found.outcome.verdict == greylist::Verdict::first_attempt);
    CHECK(found.retry_passes_at == clock.now() + 301s);
    CHECK(found.outcome.id.empty());
    CHECK(store->connect.empty());
    CHECK(log_lines.empty());
}

TEST_CASE_METHOD(ExplanationTest, "a waiting triplet passes at the time given, not a second earlier") {
    ask(request());
    clock.advance(100s);
    const Explanation found = page();
    CHECK(found.outcome.verdict == greylist::Verdict::early_reconnect);
    CHECK(found.outcome.id == greylist::deferral_id(found.triplet, clock.now() - 100s));
    CHECK(policy::access_line(found.reply) == "defer_if_permit Greylisted for 5 minutes");
    clock.advance(*found.retry_passes_at - clock.now() - 1s);
    CHECK(page().outcome.verdict == greylist::Verdict::early_reconnect);
    clock.advance(1s);
    CHECK(page().outcome.verdict == greylist::Verdict::reconnect_ok);
    CHECK(ask(request()).starts_with("PREPEND X-Greylist: delayed"));
    CHECK(page().outcome.verdict == greylist::Verdict::from_awl);
}

TEST_CASE_METHOD(ExplanationTest, "every rule shows what it compared, and the deciding one is named") {
    ask(request());
    const Explanation found = page();
    CHECK(found.rules.front().rule == "opt_method");
    CHECK(found.outcome.rule == "early_reconnect");
    const auto& saw = report(found, "early_reconnect").saw;
    CHECK(std::ranges::count(saw, greylist::Observation{"first_seen", base::epoch(clock.now())}) == 1);
    CHECK(found.facts->known.front().connect == clock.now());
}

TEST_CASE_METHOD(ExplanationTest, "the identity says how it was found") {
    CHECK(page().src == "192.0.2.25");
    CHECK(page().src_reason == net::reason(net::IdentityBasis::no_name));
    rules.identity.method = net::GreyMethod::classc;
    CHECK(page().src == "192.0.2");
    CHECK(page().src_reason == net::reason(net::IdentityBasis::method));
}

TEST_CASE_METHOD(ExplanationTest, "where a list decides, the database is not asked") {
    lists = list_of(lists::ListName::blacklist_senders, "example.org");
    const Explanation found = page();
    CHECK(found.outcome.verdict == greylist::Verdict::blacklisted);
    CHECK(found.outcome.entry->line == 7);
    CHECK_FALSE(found.facts.has_value());
    CHECK(found.rules.empty());
    CHECK(store->visits == 0);
}

TEST_CASE_METHOD(ExplanationTest, "a request without an address is explained too") {
    policy::Request asked = request();
    asked.set("client_address", "nowhere");
    CHECK(page(asked).outcome.verdict == greylist::Verdict::unusable);
    CHECK(page(asked).lists.empty());
}

TEST_CASE_METHOD(ExplanationTest, "a row of connect is explained as its mail would be") {
    ask(request("bounce-123@example.org"));
    const greylist::Triplet row{"192.0.2.25", "example.org", "bounce-123", {}, "bob@example.net"};
    const Explanation by_row = explain(row, rules, *store);
    const Explanation by_mail = page(request("bounce-123@example.org"));
    CHECK(by_row.outcome.verdict == greylist::Verdict::early_reconnect);
    CHECK(by_row.outcome.id == by_mail.outcome.id);
    CHECK(by_row.triplet.deverped == by_mail.triplet.deverped);
    CHECK(by_row.lists.empty());
}

TEST_CASE_METHOD(ExplanationTest, "rows of hashes are found by hashing") {
    rules.privacy = base::KeyedHash{"a key that is long enough"};
    service = make();
    ask(request());
    const Explanation found = page();
    CHECK(found.outcome.verdict == greylist::Verdict::early_reconnect);
    CHECK(found.src == "192.0.2.25");
    CHECK(found.triplet.src.size() == 32);
    CHECK(explain(found.triplet, rules, *store).outcome.id == found.outcome.id);
}

}  // namespace sqlgrey::service
