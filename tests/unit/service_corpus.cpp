// How much more spam pools let pass than greymethod = smart, tried on letters in a file.
//
// Each line of the file has, separated by tabs: seconds since 1970, spam or ham, the client's address, its
// verified name or "unknown", a text that is ignored, sender and recipient. The file is corpus.tsv, made for
// this test; if SQLGREY_CORPUS names another, that is tried too, and its figures are printed:
//
//     SQLGREY_CORPUS=letters.tsv build/dev/tests/test_service "[corpus]"
//
// (with SQLGREY_CORPUS_NAMES also the spam that passes).
//
// The model: all letters, in the order of their times, share one set of tables. Each is tried, and if it is
// deferred, retried once after six minutes:
//
// - own: from its own address, with its own name.
// - neighbour: from another address in its /16. A client without a verified name stays without one. Providers
//   that name lines and machines by address or number do so for all of them, so such a client keeps its name,
//   with the octets of the other address and another number. Any other name is a server's: the other address
//   belongs to somebody else, a bot cannot make it lead to the same organisation, so it has no verified name.
// - own servers: as neighbour, but the other address of a server has a verified name of the same
// organisation.
//   That is a sender with several servers, such as a large provider, and what pools are for: as many of these
//   letters pass as of those retried from one address. No bot can do it; printed for comparison.
#include "service_fixture.hpp"
#include "sqlgrey/net/address_in_name.hpp"

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

namespace sqlgrey::service {
namespace {

constexpr base::Seconds until_retry = 6min;

struct Client {
    std::string address;
    std::string name;
};
struct Letter {
    base::Time time;
    bool is_spam = false;
    Client client;
    std::string sender, recipient;
};

enum class Model { own, neighbour, own_servers };

std::vector<Letter> read(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot open " + path);
    std::vector<Letter> letters;
    for (std::string line; std::getline(file, line);) {
        std::istringstream fields(line);
        std::vector<std::string> f;
        for (std::string field; std::getline(fields, field, '\t');) f.push_back(field);
        if (f.size() < 7) continue;
        letters.push_back({base::at(std::stoll(f[0])), f[1] == "spam", {f[2], f[3]}, f[5], f[6]});
    }
    std::ranges::stable_sort(letters, {}, &Letter::time);
    return letters;
}

using Octets = std::vector<std::string>;

Octets octets_of(const std::string& address) {
    std::istringstream text(address);
    Octets octets;
    for (std::string octet; std::getline(text, octet, '.');) octets.push_back(octet);
    return octets;
}

// Another address in the same /16, with another /24 and another last octet.
std::string neighbour_of(const std::string& address) {
    const Octets o = octets_of(address);
    const auto moved = [](const std::string& octet) {
        return std::to_string((std::stoi(octet) + 101) % 254 + 1);
    };
    return o[0] + "." + o[1] + "." + moved(o[2]) + "." + moved(o[3]);
}

// The name with the octets of `from` replaced by those of `to`, and every number of four or more digits
// changed.
std::string renamed(const std::string& name, const std::string& from, const std::string& to) {
    const Octets old = octets_of(from), other = octets_of(to);
    std::string result;
    for (std::size_t i = 0; i < name.size();) {
        std::size_t end = i;
        while (end < name.size() && std::isdigit(static_cast<unsigned char>(name[end]))) ++end;
        if (end == i) {
            result += name[i++];
            continue;
        }
        std::string number = name.substr(i, end - i);
        for (const std::size_t octet : {3U, 2U})
            if (number.find_first_not_of('0') != std::string::npos &&
                std::stoull(number.substr(0, 15)) == std::stoull(old[octet])) {
                std::string as_wide = other[octet];
                while (as_wide.size() < number.size()) as_wide.insert(0, "0");
                number = as_wide;
                break;
            }
        if (number.size() >= 4)
            number.back() = number.back() == '9' ? '1' : static_cast<char>(number.back() + 1);
        result += number;
        i = end;
    }
    return result;
}

// Whether the name follows a scheme that its neighbours share: a provider's line or machine. Unlike in the
// daemon, smtp_server.regexp makes no exceptions.
bool is_named_by_scheme(const Client& client, const net::PoolRules& rules) {
    const auto address = net::parse_address(client.address);
    const std::string organisation = rules.suffixes.organisation_of(client.name);
    if (net::address_in_name(client.name, organisation, *address) != net::AddressInName::absent) return true;
    return rules.customers && rules.customers->found_in(client.name);
}

Client second(const Client& first, Model model, const net::PoolRules& rules) {
    if (model == Model::own) return first;
    const std::string other = neighbour_of(first.address);
    if (first.name == "unknown") return {other, "unknown"};
    if (is_named_by_scheme(first, rules)) return {other, renamed(first.name, first.address, other)};
    return {other, model == Model::own_servers ? first.name : "unknown"};
}

struct Passed {
    std::size_t spam = 0, ham = 0;
    std::vector<Letter> spam_letters{};
};

struct Corpus : ServiceTest {
    explicit Corpus(bool with_pools) : pool_rules(net::read_pool_rules(SOURCE_DIR "/conf", "").rules) {
        rules.identity.patterns = net::read_smart_patterns(SOURCE_DIR "/conf").patterns;
        rules.pools = std::make_shared<const net::PoolFinder>(pool_rules);
        rules.pools_on = with_pools;
        service = make();
    }

    bool passes(const Letter& letter, const Client& client) {
        policy::Request one = request(letter.sender, letter.recipient);
        one.set("client_address", client.address);
        one.set("client_name", client.name);
        return ask(one).starts_with("PREPEND");
    }

    Passed run(const std::vector<Letter>& letters, Model model) {
        Passed passed;
        std::vector<std::pair<base::Time, const Letter*>> again;  // deferred letters, in order
        std::size_t retried = 0;
        const auto count = [&](const Letter& letter) {
            ++(letter.is_spam ? passed.spam : passed.ham);
            if (letter.is_spam) passed.spam_letters.push_back(letter);
        };
        const auto retry_until = [&](base::Time time) {
            for (; retried < again.size() && again[retried].first <= time; ++retried) {
                const Letter& letter = *again[retried].second;
                set_clock(again[retried].first);
                if (passes(letter, second(letter.client, model, pool_rules))) count(letter);
            }
        };
        for (const Letter& letter : letters) {
            retry_until(letter.time);
            set_clock(letter.time);
            if (passes(letter, letter.client))
                count(letter);
            else
                again.emplace_back(letter.time + until_retry, &letter);
        }
        retry_until(base::Time::max());
        return passed;
    }
    void set_clock(base::Time time) { clock.advance(time - clock.now()); }

    net::PoolRules pool_rules;
};

struct Figures {
    Passed smart, pools;
};

Figures figures(const std::vector<Letter>& letters, Model model) {
    return {Corpus(false).run(letters, model), Corpus(true).run(letters, model)};
}

void print(const std::string& what, const std::vector<Letter>& letters, Model model, const Figures& f) {
    const std::string names[] = {"own address", "neighbour", "own servers"};
    const auto spam = static_cast<std::size_t>(std::ranges::count(letters, true, &Letter::is_spam));
    std::cout << what << ", " << names[static_cast<int>(model)] << ": spam passed of " << spam << ": smart "
              << f.smart.spam << ", pools " << f.pools.spam << "; ham passed of " << letters.size() - spam
              << ": smart " << f.smart.ham << ", pools " << f.pools.ham << "\n";
    if (!std::getenv("SQLGREY_CORPUS_NAMES")) return;
    for (const Letter& letter : f.pools.spam_letters)
        std::cout << "  " << letter.client.address << " " << letter.client.name << " " << letter.sender
                  << "\n";
}

}  // namespace

TEST_CASE("of letters that come back, pools let pass no more spam than greymethod = smart") {
    const std::vector<Letter> letters = read(SOURCE_DIR "/tests/unit/data/corpus.tsv");
    const std::size_t spam = static_cast<std::size_t>(std::ranges::count(letters, true, &Letter::is_spam));
    REQUIRE(spam > 0);
    const Figures own = figures(letters, Model::own), neighbour = figures(letters, Model::neighbour),
                  servers = figures(letters, Model::own_servers);
    CHECK(own.smart.spam == spam);
    CHECK(own.pools.spam == spam);
    CHECK(neighbour.pools.spam <= neighbour.smart.spam);
    CHECK(neighbour.pools.spam < spam);
    CHECK(neighbour.pools.ham >= neighbour.smart.ham);
    CHECK(servers.pools.ham > servers.smart.ham);
}

// Hidden, so that it runs only on request: the file is not ours to ship.
TEST_CASE("of the letters of SQLGREY_CORPUS, pools let pass no more spam than greymethod = smart",
          "[.corpus]") {
    const char* path = std::getenv("SQLGREY_CORPUS");
    REQUIRE(path != nullptr);
    const std::vector<Letter> all = read(path);
    std::vector<Letter> halves[2];
    for (std::size_t i = 0; i < all.size(); ++i) halves[i % 2].push_back(all[i]);
    for (const auto& [what, letters] :
         {std::pair{"all", all}, {"first half", halves[0]}, {"second half", halves[1]}})
        for (const Model model : {Model::own, Model::neighbour, Model::own_servers}) {
            const Figures f = figures(letters, model);
            print(what, letters, model, f);
            if (model != Model::own_servers) CHECK(f.pools.spam <= f.smart.spam);
            CHECK(f.pools.ham >= f.smart.ham);
        }
}

}  // namespace sqlgrey::service
