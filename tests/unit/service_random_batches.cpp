// A batch ends like its requests one by one: the same replies, rows, log lines, connection states and tasks
// for the resolver, with any settings and any rows.
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
constexpr int reload_at = 25;        // settings change then, rows stay

constexpr std::array senders{"alice", "bert", "bounce-1", "bounce-22"};
constexpr std::array domains{"example.org", "never.example", ""};
constexpr std::array recipients{"bob@example.net", "carol@example.net", "dave@example.net"};

struct Client {
    const char* address;
    const char* name;
};
// Where there are pools: three are of one, another is beside one of them, one is a customer. Now and then the
// name of each cannot be verified.
constexpr std::array clients{Client{"192.0.2.25", "a.example.com"},
                             Client{"192.0.2.26", "b.example.com"},
                             Client{"198.51.100.9", "c.example.com"},
                             Client{"192.0.2.27", "mx.else.example"},
                             Client{"203.0.113.4", "dsl-203-0-113-4.example.com"},
                             Client{"203.0.113.5", "unknown"}};

struct Settings {
    Rules rules;
    bool lists_use_p0f = false;

    // As stored in the tables.
    std::string stored(std::string_view purpose, const std::string& text) const {
        return rules.privacy && !text.empty() ? rules.privacy->of(purpose, text) : text;
    }
};

// The questions of these clients: few values, so that requests of a batch depend on each other.
class Questions {
  public:
    explicit Questions(unsigned seed) : random_(seed) {}

    std::size_t number(std::size_t below) {
        return std::uniform_int_distribution<std::size_t>{0, below - 1}(random_);
    }
    bool one_in(std::size_t count) { return number(count) == 0; }

    // The key of the hashes stays for a round, or nothing would be known any more.
    Settings settings(bool has_privacy) {
        Settings settings{ServiceTest::default_rules()};
        Rules& rules = settings.rules;
        add_counts(rules.policy);
        rules.message_coherence = !one_in(3);
        rules.training = one_in(8);
        rules.reply_id = one_in(2);
        if (has_privacy) rules.privacy.emplace("0123456789abcdef");
        if (one_in(2)) add_facts(settings);
        if (one_in(3)) add_tarpit(rules);
        if (one_in(4)) add_discrimination(rules);
        if (one_in(2)) return settings;
        rules.pools = std::make_shared<const net::PoolFinder>(net::PoolRules{});
        rules.pools_on = !one_in(4);
        rules.policy.pool_unproven_retries = static_cast<std::int64_t>(number(3));
        return settings;
    }

    // What is known about each client with each domain.
    std::map<greylist::FactSubject, greylist::ClientFacts> facts(const Settings& settings) {
        std::map<greylist::FactSubject, greylist::ClientFacts> all;
        for (const Client& client : clients) {
            for (const char* domain : domains) {
                greylist::ClientFacts& facts =
                    all[{settings.stored("client", client.address), settings.stored("domain", domain)}];
                facts.complete = one_in(2);
                facts.spf_covers = *domain && one_in(2);
                if (one_in(6)) facts.dnswl = greylist::Trust::medium;
                if (one_in(6)) facts.dnsbl = 1;
                if (one_in(6)) facts.spf = spf::Verdict::fail;
                facts.p0f_os = std::array{"", "Linux 3.x", "Windows XP"}.at(number(3));
            }
        }
        return all;
    }

    base::Seconds pause() {
        return base::Seconds{std::array{0, 1, 59, 61, 300, 301, 1000, 4000, 90000}.at(number(9))};
    }

    // An smtpd, and so its connection, has one client at a time.
    std::size_t source() { return number(clients.size()); }
    policy::Request request(std::size_t source) {
        const std::string name = senders.at(number(senders.size()));
        const std::string domain = domains.at(std::min(number(8) / 3, domains.size() - 1));
        const std::string message = one_in(4) ? "" : name + domain + std::to_string(number(2));
        policy::Request request = ServiceTest::request(domain.empty() ? "" : name + "@" + domain,
                                                       recipients.at(number(recipients.size())), message);
        const Client& client = clients.at(source);
        request.set("client_address", client.address);
        request.set("client_name", one_in(3) ? "unknown" : client.name);
        return request;
    }
    // Postfix asks once more about a message when its recipients have been accepted, and knows none if there
    // are several.
    policy::Request at_data(policy::Request request, const std::string& message) {
        request.set("instance", message);
        request.set("protocol_state", "DATA");
        if (one_in(2)) request.set("recipient", "");
        return request;
    }
    policy::PendingRequest pending(const policy::Request& request) {
        const base::Milliseconds since{std::array{0, 30, 2000}.at(number(3))};
        return {request, nullptr, one_in(2), since.count() > 0 && one_in(2), since};
    }

  private:
    void add_counts(greylist::Policy& policy) {
        policy.group_domain_level = static_cast<long long>(number(4));
        if (one_in(2)) policy.connect_src_throttle = 1 + static_cast<long long>(number(3));
        policy.auto_whitelist_clients = static_cast<long long>(number(3));
        policy.retry_count = one_in(3) ? 2 + static_cast<std::int64_t>(number(2)) : 1;
        policy.awl_age = base::Seconds{std::array{3600, 86400}.at(number(2))};
        policy.max_connect_age = base::Seconds{std::array{900, 7200}.at(number(2))};
        if (one_in(4))
            policy.opt_method = one_in(2) ? greylist::OptMethod::optin : greylist::OptMethod::optout;
    }
    void add_facts(Settings& settings) {
        Rules& rules = settings.rules;
        rules.enrich = true;
        rules.policy.spf_identity = !one_in(4);
        if (one_in(2)) rules.policy.dnswl_pass = greylist::Trust::low;
        rules.policy.dnsbl_delay = base::Seconds{std::array{0, 600}.at(number(2))};
        rules.policy.spf_fail_delay = base::Seconds{std::array{0, 400}.at(number(2))};
        if (one_in(3)) rules.first_contact_wait = 1000ms;
        settings.lists_use_p0f = one_in(6);
    }
    void add_tarpit(Rules& rules) {
        rules.policy.tarpit = 65s;
        rules.policy.targrey = one_in(2);
        rules.tarpit_when =
            std::array{TarpitWhen::dynamic, TarpitWhen::suspicious, TarpitWhen::all}.at(number(3));
    }
    void add_discrimination(Rules& rules) {
        using Operator = lists::Rule::Operator;
        std::vector<lists::Rule> all;
        all.push_back(
            {"client_name", Operator::matches, net::Pattern("^unknown$", net::LetterCase::matters)});
        all.push_back({"p0f_os", Operator::matches, net::Pattern("^Windows", net::LetterCase::matters)});
        rules.discrimination = std::make_shared<const lists::Discrimination>(std::move(all));
    }

    std::mt19937 random_;
};

// A service with its tables. Both sides of a comparison have the same settings.
struct Side : ServiceTest {
    explicit Side(const Settings& with) {
        for (auto& one : connections) one = std::make_shared<policy::ConnectionState>();
        use(with);
    }
    void use(const Settings& with) {
        rules = with.rules;
        lists = std::make_shared<const lists::Lists>(lists_of(with));
        logger =
            log::Logger{log::Levels{}, std::make_unique<log::MemorySink>(log_lines), log::LogFormat::json};
        tarpit = std::make_unique<Tarpit>(*shared, 3);
        service = make();
        log_lines.clear();
    }
    static std::vector<std::shared_ptr<const lists::List>> lists_of(const Settings& with) {
        std::vector<std::shared_ptr<const lists::List>> all{
            list(lists::ListName::never_whitelist_senders, "@never.example")};
        if (!with.lists_use_p0f) return all;
        all.push_back(list(lists::ListName::whitelist_clients, "p0f_os:Linux*"));
        all.push_back(list(lists::ListName::blacklist_clients, "p0f_os:Windows*"));
        return all;
    }
    static std::shared_ptr<const lists::List> list(lists::ListName name, const std::string& entry) {
        lists::ListBuilder builder = lists::ListBuilder::of_rows(name);
        builder.add(entry, 1);
        return std::move(builder).build().list;
    }
    void answer(const std::vector<policy::PendingRequest>& batch) {
        for (const policy::Reply& reply : service->answer(batch))
            replies.push_back(policy::access_line(reply) + " " + std::to_string(reply.ask_again.count()));
        service->replied();
    }
    auto tables() const {
        return std::tie(store->connect, store->from_awl, store->domain_awl, store->client_awl, store->pool);
    }
    std::vector<policy::ConnectionState> states() const {
        std::vector<policy::ConnectionState> all;
        for (const auto& one : connections) all.push_back(*one);
        return all;
    }
    // Without the time of day. A batch writes its lines in another order only if some of its requests waited
    // for a second lookup.
    std::vector<std::string> lines() const {
        std::vector<std::string> all;
        for (const std::string& line : log_lines) all.push_back(line.substr(line.find("\"category\"")));
        std::ranges::sort(all);
        return all;
    }
    void forget_answers() {
        replies.clear();
        log_lines.clear();
        told.clear();
    }

    std::unique_ptr<SharedTarpit> shared = std::make_unique<SharedTarpit>();
    std::array<std::shared_ptr<policy::ConnectionState>, clients.size()> connections;
    std::vector<std::string> replies;
};

// Rows that other programs write.
void put_rows(Questions& questions, const Settings& settings, Side& together, Side& one_by_one) {
    for (const char* recipient : recipients) {
        for (const char* domain : domains) {
            if (!questions.one_in(12)) continue;
            const base::Time expires = together.clock.now() + questions.pause();
            const test::MemoryStore::Key key{settings.stored("recipient", recipient),
                                             settings.stored("domain", domain)};
            together.store->expectations[key] = one_by_one.store->expectations[key] = expires;
        }
    }
    for (const char* opted : {"bob@example.net", "carol@example.net", "example.net"}) {
        const bool is_domain = std::string_view{opted} == "example.net";
        const bool in = questions.one_in(3);
        const bool out = questions.one_in(3);
        together.store->opted[opted] = one_by_one.store->opted[opted] = {is_domain && in, !is_domain && in,
                                                                         is_domain && out, !is_domain && out};
    }
    if (!questions.one_in(5)) return;
    const std::string crowd = settings.rules.privacy
                                  ? net::hashed_identity(*settings.rules.privacy, "@example.com")
                                  : "@example.com";
    together.store->shared_pools.crowds = one_by_one.store->shared_pools.crowds = {crowd};
}

void learn_facts(Questions& questions, const Settings& settings, Side& together, Side& one_by_one) {
    together.store->client_facts = one_by_one.store->client_facts = questions.facts(settings);
}

struct Asked {
    policy::PendingRequest pending;
    std::size_t source;
};

// With a tarpit a connection has one request in a batch, as Postfix's have: which message has waited is
// remembered when the batch is done.
std::vector<Asked> next_batch(Questions& questions, const Settings& settings, const Side& side) {
    const greylist::Policy& policy = settings.rules.policy;
    std::vector<Asked> batch;
    const std::size_t size = 1 + questions.number(12);
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t source = questions.source();
        if (policy.tarpit > 0s && std::ranges::count(batch, source, &Asked::source) > 0) continue;
        policy::Request request = questions.request(source);
        const std::string& waited_for = side.connections.at(source)->instance_tarpitted;
        if (policy.targrey && !waited_for.empty() && questions.one_in(2))
            request = questions.at_data(request, waited_for);
        batch.push_back({questions.pending(request), source});
    }
    return batch;
}

void ask(const std::vector<Asked>& batch, Side& together, Side& one_by_one) {
    std::vector<policy::PendingRequest> all;
    for (Asked asked : batch) {
        asked.pending.connection = one_by_one.connections.at(asked.source);
        one_by_one.answer({asked.pending});
        asked.pending.connection = together.connections.at(asked.source);
        all.push_back(asked.pending);
    }
    together.answer(all);
}

std::string verdict_of(const std::string& line) {
    const std::string before = "\"verdict\": \"";
    const std::size_t at = line.find(before);
    if (at == std::string::npos) return {};
    return line.substr(at + before.size(), line.find('"', at + before.size()) - at - before.size());
}

}  // namespace

TEST_CASE("a batch ends as its requests one by one, 10,000 times") {
    Questions questions(20'261'127 + Catch::rngSeed());
    std::set<std::string> verdicts;
    std::size_t networks_of_pools = 0;
    std::size_t senders_of_domains = 0;
    for (int round = 0; round < rounds; ++round) {
        const bool has_privacy = questions.one_in(4);
        Settings settings = questions.settings(has_privacy);
        Side together(settings);
        Side one_by_one(settings);
        put_rows(questions, settings, together, one_by_one);
        for (int batch = 0; batch < batches_a_round; ++batch) {
            if (batch == reload_at) {
                settings = questions.settings(has_privacy);
                together.use(settings);
                one_by_one.use(settings);
            }
            if (batch % 4 == 0) learn_facts(questions, settings, together, one_by_one);
            ask(next_batch(questions, settings, one_by_one), together, one_by_one);
            CAPTURE(round, batch);
            REQUIRE(together.replies == one_by_one.replies);
            REQUIRE(together.tables() == one_by_one.tables());
            REQUIRE(together.states() == one_by_one.states());
            REQUIRE(together.told == one_by_one.told);
            REQUIRE(together.lines() == one_by_one.lines());
            for (const std::string& line : together.lines()) verdicts.insert(verdict_of(line));
            together.forget_answers();
            one_by_one.forget_answers();
            const base::Seconds pause = questions.pause();
            together.clock.advance(pause);
            one_by_one.clock.advance(pause);
        }
        networks_of_pools += together.store->pool.size();
        for (const auto& [key, seen] : together.store->from_awl)
            senders_of_domains += key.front().starts_with(greylist::domain_mark) ? 1 : 0;
    }
    CHECK(networks_of_pools > 0);
    CHECK(senders_of_domains > 0);
    CHECK(verdicts == std::set<std::string>{"blacklisted", "client_awl", "dnswl", "domain_awl",
                                            "early_reconnect", "expected", "first_attempt", "from_awl",
                                            "message_accepted", "reconnect_ok", "throttled", "whitelisted"});
}

}  // namespace sqlgrey::service
