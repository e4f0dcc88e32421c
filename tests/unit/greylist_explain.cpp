// The rules by name: which one answers, what each compared, and that a decision and its explanation agree.
#include "greylist_fixture.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <string>

namespace sqlgrey::greylist {
namespace {

using Names = std::vector<std::string_view>;

const RuleReport& report_of(const std::vector<RuleReport>& reports, std::string_view rule) {
    const auto found = std::ranges::find(reports, rule, &RuleReport::rule);
    REQUIRE(found != reports.end());
    return *found;
}

std::optional<long long> seen_by(const RuleReport& report, std::string_view name) {
    const auto found = std::ranges::find(report.saw, name, &Observation::name);
    REQUIRE(found != report.saw.end());
    return found->value;
}

Names answering(const std::vector<RuleReport>& reports) {
    Names names;
    for (const RuleReport& report : reports)
        if (report.answer) names.push_back(report.rule);
    return names;
}

// Each part exists in about half of the situations, near the limits of the rules.
class RandomSituation {
  public:
    explicit RandomSituation(unsigned seed) : random_(seed) {}

    Known known() {
        Known known;
        if (coin()) known.domain_awl = Seen{now - 900h, moment()};
        if (coin()) known.from_awl = Seen{now - 900h, moment()};
        if (coin()) known.connect = moment();
        if (coin()) known.client_awl = RetryCount{number(4), moment(), moment()};
        known.src_connect = number(4);
        known.src_domain_awl = number(2);
        known.src_from_awl = number(4);
        known.senders_known = number(3);
        if (known.senders_known > 0) known.oldest_sender = now - 100h;
        known.opted = {coin(), coin(), coin(), coin()};
        if (number(4) == 0) known.expected_until = now - 300s + number(600) * 1s;
        if (coin()) known.facts = facts();
        return known;
    }
    Policy some_policy() {
        Policy some;
        some.awl_age = 100h;
        some.connect_src_throttle = number(3);
        some.auto_whitelist_clients = number(3);
        some.group_domain_level = number(3);
        if (coin()) some.dnswl_pass = trust();
        if (coin()) some.dnsbl_delay = 24h;
        if (coin()) some.spf_fail_delay = 301s;
        some.opt_method = one_of(std::array{OptMethod::none, OptMethod::optin, OptMethod::optout});
        return some;
    }
    RequestFlags flags() { return {number(4) > 0, coin(), coin()}; }

  private:
    ClientFacts facts() {
        ClientFacts facts;
        if (number(4) == 0) facts.dnswl = trust();
        facts.dnsbl = number(3);
        if (coin()) facts.spf = spf::Verdict::fail;
        return facts;
    }
    Trust trust() { return one_of(std::array{Trust::none, Trust::low, Trust::medium, Trust::high}); }
    bool coin() { return number(2) == 1; }
    long long number(long long below) {
        return std::uniform_int_distribution<long long>{0, below - 1}(random_);
    }
    template <typename Choice, std::size_t count>
    Choice one_of(const std::array<Choice, count>& choices) {
        return choices.at(static_cast<std::size_t>(number(std::ssize(choices))));
    }
    base::Time moment() {
        return now -
               std::array<base::Seconds, 10>{-1h, 0s, 299s, 300s, 301s, 24h, 24h + 1s, 100h - 1s, 100h, 200h}
                   .at(number(10));
    }

    std::mt19937 random_;
};

}  // namespace

TEST_CASE("a decision names the rule that answered and the row it read") {
    const Outcome first = decide(some_triplet(), {}, now, policy);
    CHECK(first.rule == "first_attempt");
    CHECK_FALSE(first.row);
    Known known;
    known.connect = now - 10min;
    const Outcome accepted = decide(some_triplet(), known, now, policy);
    CHECK(accepted.rule == "reconnect_ok");
    CHECK(accepted.row == Seen{now - 10min, now - 10min});
    known.from_awl = seen(now - 48h, now - 1h);
    const Outcome listed = decide(some_triplet(), known, now, policy);
    CHECK(listed.rule == "from_awl");
    CHECK(listed.row == known.from_awl);
}

TEST_CASE("an explanation has every rule in the order in which they are tried") {
    Names names;
    for (const RuleReport& report : explain(some_triplet(), {}, now, policy)) names.push_back(report.rule);
    CHECK(names == Names{"opt_method", "discrimination", "domain_awl", "from_awl", "client_awl", "dnswl",
                         "survived_tarpit", "reconnect_ok", "unproven_retries", "expected",
                         "message_accepted", "early_reconnect", "throttled", "first_attempt"});
}

TEST_CASE("an explanation shows what each rule compared, and what later rules would answer") {
    Known known;
    known.domain_awl = seen(now - 9999h, now - policy.awl_age);
    known.from_awl = seen(now - 48h, now - 1h);
    known.connect = now - 2min;
    const auto reports = explain(some_triplet(), known, now, policy);
    CHECK(answering(reports) == Names{"from_awl", "early_reconnect", "first_attempt"});
    const RuleReport& expired = report_of(reports, "domain_awl");
    CHECK(seen_by(expired, "last_seen") == base::epoch(now) - 60 * 86400);
    CHECK(seen_by(expired, "awl_age") == 60 * 86400);
    CHECK(seen_by(expired, "now") == base::epoch(now));
    CHECK(seen_by(report_of(reports, "client_awl"), "retries") == std::nullopt);
    CHECK(seen_by(report_of(reports, "early_reconnect"), "first_seen") == base::epoch(now) - 120);
    CHECK(report_of(reports, "early_reconnect").answer->left == 3min);
    CHECK(report_of(reports, "from_awl").answer->verdict == Verdict::from_awl);
}

TEST_CASE("an explanation shows flags, opt tables and the counts of a source") {
    Policy some = policy;
    some.opt_method = OptMethod::optin;
    some.connect_src_throttle = 5;
    Known known;
    known.opted.in_email = true;
    known.src_connect = 7;
    const auto reports = explain(some_triplet(), known, now, some, {false, true, true});
    CHECK(answering(reports) == Names{"discrimination", "message_accepted", "throttled", "first_attempt"});
    CHECK(report_of(reports, "opt_method").saw == std::vector<Observation>{{"optin", 1},
                                                                           {"optout", 0},
                                                                           {"in_domain", 0},
                                                                           {"in_email", 1},
                                                                           {"out_domain", 0},
                                                                           {"out_email", 0}});
    CHECK(report_of(reports, "discrimination").saw == std::vector<Observation>{{"suspicious", 0}});
    CHECK(report_of(reports, "message_accepted").saw == std::vector<Observation>{{"message_accepted", 1}});
    CHECK(seen_by(report_of(reports, "from_awl"), "never_awl") == 1);
    CHECK(seen_by(report_of(reports, "throttled"), "waiting_triplets") == 7);
    CHECK(seen_by(report_of(reports, "throttled"), "connect_src_throttle") == 5);
}

TEST_CASE("the decision is the first answer of its explanation, whatever is known") {
    RandomSituation random(1);
    std::vector<int> decided(verdict_count, 0);
    for (int i = 0; i < 20'000; ++i) {
        const Known known = random.known();
        const Policy some = random.some_policy();
        const RequestFlags flags = random.flags();
        const Outcome outcome = decide(some_triplet(), known, now, some, flags);
        const auto reports = explain(some_triplet(), known, now, some, flags);
        const auto first =
            std::ranges::find_if(reports, [](const RuleReport& report) { return report.answer.has_value(); });
        REQUIRE(first != reports.end());
        REQUIRE(first->rule == outcome.rule);
        REQUIRE(first->answer->verdict == outcome.verdict);
        REQUIRE(first->answer->changes == outcome.changes);
        REQUIRE(first->answer->left == outcome.left);
        REQUIRE(first->answer->delay == outcome.delay);
        REQUIRE(first->answer->waited == outcome.waited);
        ++decided.at(static_cast<std::size_t>(outcome.verdict));
    }
    for (auto verdict = static_cast<std::size_t>(Verdict::opted_out);
         verdict <= static_cast<std::size_t>(Verdict::first_attempt); ++verdict)
        CHECK(decided.at(verdict) > 20);
}

TEST_CASE("a row of an auto-whitelist counts until awl_age has passed") {
    CHECK(awl_row_counts(now - policy.awl_age + 1s, now, policy));
    CHECK_FALSE(awl_row_counts(now - policy.awl_age, now, policy));
    Known known;
    CHECK_FALSE(passes_by_awl(known, now, policy));
    known.domain_awl = known.from_awl = seen(now - 9999h, now - policy.awl_age);
    CHECK_FALSE(passes_by_awl(known, now, policy));
    known.from_awl->last += 1s;
    CHECK(passes_by_awl(known, now, policy));
    known.client_awl = RetryCount{1, now, now};
    known.from_awl.reset();
    CHECK_FALSE(passes_by_awl(known, now, policy));
}

}  // namespace sqlgrey::greylist
