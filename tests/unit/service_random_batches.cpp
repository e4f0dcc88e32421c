// A batch ends like its requests one by one: the same replies, rows, log lines and connection states, with
// any settings and any rows.
#include "service_fixture.hpp"
#include "sqlgrey/lists/list.hpp"

#include <array>
#include <random>
#include <string>
#include <vector>

namespace sqlgrey::service {
namespace {

constexpr int rounds = 200;
constexpr int batches_a_round = 50;  // 10,000 in all

// The questions of one client: few values, so that requests of a batch depend on each other.
class Questions {
  public:
    explicit Questions(unsigned seed) : random_(seed) {}

    std::size_t number(std::size_t below) {
        return std::uniform_int_distribution<std::size_t>{0, below - 1}(random_);
    }
    Rules rules() {
        Rules rules = ServiceTest::default_rules();
        rules.policy.group_domain_level = static_cast<long long>(number(4));
        rules.policy.connect_src_throttle = static_cast<long long>(number(4));
        rules.policy.auto_whitelist_clients = static_cast<long long>(number(3));
        rules.policy.awl_age = base::Seconds{std::array{3600, 86400}.at(number(2))};
        rules.policy.max_connect_age = base::Seconds{std::array{900, 7200}.at(number(2))};
        rules.message_coherence = number(3) > 0;
        if (number(2) == 0) add_facts(rules);
        if (number(2) == 0) return rules;
        rules.pools = std::make_shared<const net::PoolFinder>(net::PoolRules{});
        rules.pools_on = true;
        rules.policy.pool_unproven_retries = static_cast<std::int64_t>(number(3));
        return rules;
    }
    // What is known about each client with each domain: it stays as it is for a round.
    std::map<greylist::FactSubject, greylist::ClientFacts> facts() {
        std::map<greylist::FactSubject, greylist::ClientFacts> all;
        for (const Client& client : clients) {
            for (const char* domain : {"example.org", "never.example"}) {
                greylist::ClientFacts& facts = all[{client.address, domain}];
                facts.complete = number(2) == 0;
                facts.spf_covers = number(2) == 0;
                if (number(6) == 0) facts.dnswl = greylist::Trust::medium;
                if (number(6) == 0) facts.dnsbl = 1;
                if (number(6) == 0) facts.spf = spf::Verdict::fail;
            }
        }
        return all;
    }
    base::Seconds pause() {
        return base::Seconds{std::array{0, 1, 59, 61, 300, 301, 1000, 4000, 90000}.at(number(9))};
    }
    // An smtpd, and so its connection, has one client at a time.
    std::size_t source() { return number(sources); }
    policy::Request request(std::size_t source) {
        const std::string name = std::array{"alice", "bert", "bounce-1", "bounce-22"}.at(number(4));
        const std::string domain = std::array{"example.org", "never.example"}.at(number(2));
        const std::string rcpt =
            std::array{"bob@example.net", "carol@example.net", "dave@example.net"}.at(number(3));
        const std::string message = number(4) == 0 ? "" : name + domain + std::to_string(number(2));
        policy::Request request = ServiceTest::request(name + "@" + domain, rcpt, message);
        const Client& client = clients.at(source);
        request.set("client_address", client.address);
        request.set("client_name", number(3) == 0 ? "unknown" : client.name);
        return request;
    }

    struct Client {
        const char* address;
        const char* name;
    };
    // Where there are pools: three are of one, another is beside one of them, one is a customer. Now and then
    // the name of each cannot be verified.
    static constexpr std::size_t sources = 6;
    static constexpr std::array<Client, sources> clients{Client{"192.0.2.25", "a.example.com"},
                                                         {"192.0.2.26", "b.example.com"},
                                                         {"198.51.100.9", "c.example.com"},
                                                         {"192.0.2.27", "mx.else.example"},
                                                         {"203.0.113.4", "dsl-203-0-113-4.example.com"},
                                                         {"203.0.113.5", "unknown"}};

  private:
    void add_facts(Rules& rules) {
        rules.enrich = true;
        rules.policy.spf_identity = number(4) > 0;
        if (number(2) == 0) rules.policy.dnswl_pass = greylist::Trust::low;
        rules.policy.dnsbl_delay = base::Seconds{std::array{0, 600}.at(number(2))};
        rules.policy.spf_fail_delay = base::Seconds{std::array{0, 400}.at(number(2))};
    }

    std::mt19937 random_;
};

struct Side : ServiceTest {
    explicit Side(const Rules& with) {
        rules = with;
        lists::ListBuilder never(lists::ListName::never_whitelist_senders, "/never");
        never.add("@never.example", 1);
        lists = std::make_shared<const lists::Lists>(std::vector{std::move(never).build().list});
        service = make();
        log_lines.clear();
        for (auto& one : connections) one = std::make_shared<policy::ConnectionState>();
    }
    void answer(const std::vector<policy::PendingRequest>& batch) {
        for (const policy::Reply& reply : service->answer(batch))
            replies.push_back(policy::access_line(reply));
    }
    auto tables() const { return std::tie(store->connect, store->from_awl, store->domain_awl); }

    std::array<std::shared_ptr<policy::ConnectionState>, Questions::sources> connections;
    std::vector<std::string> replies;
};

void prepare(Questions& questions, Side& together, Side& one_by_one) {
    together.store->client_facts = one_by_one.store->client_facts = questions.facts();
}

}  // namespace

TEST_CASE("a batch ends as its requests one by one, 10,000 times") {
    Questions questions(20'261'127 + Catch::rngSeed());
    std::set<std::string> kinds;  // of log lines
    std::size_t networks_of_pools = 0;
    std::size_t senders_of_domains = 0;
    for (int round = 0; round < rounds; ++round) {
        const Rules rules = questions.rules();
        Side together(rules);
        Side one_by_one(rules);
        prepare(questions, together, one_by_one);
        for (int batch = 0; batch < batches_a_round; ++batch) {
            std::vector<policy::PendingRequest> all;
            const std::size_t size = 1 + questions.number(12);
            for (std::size_t i = 0; i < size; ++i) {
                const std::size_t source = questions.source();
                const policy::Request request = questions.request(source);
                all.push_back({request, together.connections.at(source)});
                one_by_one.answer({{request, one_by_one.connections.at(source)}});
            }
            together.answer(all);
            CAPTURE(round, batch);
            REQUIRE(together.replies == one_by_one.replies);
            REQUIRE(together.tables() == one_by_one.tables());
            REQUIRE(together.store->client_awl == one_by_one.store->client_awl);
            REQUIRE(together.store->pool == one_by_one.store->pool);
            for (std::size_t i = 0; i < Questions::sources; ++i)
                REQUIRE(*together.connections.at(i) == *one_by_one.connections.at(i));
            together.replies.clear();
            one_by_one.replies.clear();
            const base::Seconds pause = questions.pause();
            together.clock.advance(pause);
            one_by_one.clock.advance(pause);
        }
        // A batch writes its lines in another order only if a promotion made requests wait for a second
        // lookup.
        std::ranges::sort(together.log_lines);
        std::ranges::sort(one_by_one.log_lines);
        REQUIRE(together.log_lines == one_by_one.log_lines);
        networks_of_pools += together.store->pool.size();
        for (const auto& [key, seen] : together.store->from_awl)
            senders_of_domains += key.front().starts_with(greylist::domain_mark) ? 1 : 0;
        for (const std::string& line : together.log_lines) kinds.insert(line.substr(0, line.find(':', 6)));
    }
    CHECK(networks_of_pools > 0);
    CHECK(senders_of_domains > 0);
    CHECK(kinds == std::set<std::string>{"grey: accepted with another recipient of the message",
                                         "grey: client awl match", "grey: dnswl match", "grey: domain awl",
                                         "grey: domain awl match", "grey: early reconnect", "grey: from awl",
                                         "grey: from awl match", "grey: new", "grey: reconnect ok",
                                         "grey: throttling"});
}

}  // namespace sqlgrey::service
