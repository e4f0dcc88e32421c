#include "sqlgrey/spf/coverage.hpp"

#include "lookups.hpp"
#include "same_network.hpp"

#include <algorithm>

#include <arpa/inet.h>

namespace sqlgrey::spf {
namespace {

bool contains(const Network& outer, const Network& inner) {
    return outer.length <= inner.length && same_network(outer.address, inner.address, outer.length);
}

// The networks of a record so far.
struct Compiled {
    std::vector<Network> passed{};
    std::vector<Network> excluded{};  // by a term before that is no pass
    bool complete = true;             // false if something was left out
    bool ended = false;               // by all
};

EvaluationError refused(const std::string& why) {
    return {Verdict::none, why};
}

class Compilation {
  public:
    Compilation(const net::DnsAnswers& answers, bool v6) : lookups_(answers, v6), v6_(v6) {}

    Compiled record(std::string domain) {
        Compiled compiled;
        while (true) {
            const auto record = lookups_.record(domain);
            if (!record) throw refused(domain + " has no SPF record");
            for (const Term& term : record->terms) {
                if (term.mechanism == Mechanism::all) compiled.ended = true;
                add(term, domain, compiled);
                if (compiled.ended) return compiled;
            }
            if (!record->redirect) return compiled;
            lookups_.count_term();
            if (has_macros(*record->redirect)) throw depends_on_mail("redirect=" + *record->redirect);
            domain = *record->redirect;
        }
    }

  private:
    static bool has_macros(const std::string& spec) { return spec.find('%') != std::string::npos; }

    void add(const Term& term, const std::string& domain, Compiled& compiled) {
        if (asks(term.mechanism)) lookups_.count_term();
        const bool cannot = term.mechanism == Mechanism::exists || term.mechanism == Mechanism::ptr ||
                            has_macros(term.domain);
        if (cannot) return leave_out_lookup(term, compiled);
        if (term.mechanism == Mechanism::include) return add_include(term, compiled);
        for (const Network& network : networks_of(term, term.domain.empty() ? domain : term.domain))
            add(network, term, compiled);
    }

    static bool asks(Mechanism mechanism) {
        return mechanism != Mechanism::all && mechanism != Mechanism::ip4 && mechanism != Mechanism::ip6;
    }

    static void leave_out(const Term& term, Compiled& compiled) {
        if (term.qualifier != Qualifier::pass) throw refused("\"" + term.text + "\" may exclude any client");
        compiled.complete = false;
    }

    // Its lookup may find nothing, which counts; of mx and include, more may be wrong.
    void leave_out_lookup(const Term& term, Compiled& compiled) {
        if (term.mechanism == Mechanism::mx || term.mechanism == Mechanism::include)
            throw depends_on_mail(term.text);
        lookups_.count_void_lookup("\"" + term.text + "\"");
        leave_out(term, compiled);
    }
    static EvaluationError depends_on_mail(const std::string& term) {
        return refused("\"" + term + "\" is another for each mail");
    }

    // What the included record does not pass goes on to the next term.
    void add_include(const Term& term, Compiled& compiled) {
        const Compiled inner = record(term.domain);
        if (!inner.complete) leave_out(term, compiled);
        for (const Network& network : inner.passed) add(network, term, compiled);
    }

    std::vector<Network> networks_of(const Term& term, const std::string& domain) {
        const int length = v6_ ? term.length6 : term.length4;
        std::vector<net::Address> addresses;
        switch (term.mechanism) {
            case Mechanism::all:
                return {{net::Address{.v6 = v6_}, 0}};
            case Mechanism::ip4:
            case Mechanism::ip6:
                if (term.address.v6 == v6_) addresses.push_back(term.address);
                break;
            case Mechanism::a:
                addresses = lookups_.addresses(domain);
                break;
            case Mechanism::mx:
                addresses = lookups_.mail_server_addresses(domain);
                break;
            case Mechanism::include:
            case Mechanism::ptr:
            case Mechanism::exists:
                break;  // add()
        }
        std::vector<Network> networks;
        networks.reserve(addresses.size());
        for (const net::Address& address : addresses) networks.push_back({address, length});
        return networks;
    }

    static void add(const Network& network, const Term& term, Compiled& compiled) {
        const auto within = [&](const Network& outer) { return contains(outer, network); };
        if (std::ranges::any_of(compiled.passed, within) || std::ranges::any_of(compiled.excluded, within))
            return;
        std::vector<Network>& list = term.qualifier == Qualifier::pass ? compiled.passed : compiled.excluded;
        if (list.size() == most_networks)
            throw refused("it has more than " + std::to_string(most_networks) + " networks");
        // A part of a later network is excluded: it is no single network any more.
        for (const Network& inner : compiled.excluded)
            if (term.qualifier == Qualifier::pass && contains(network, inner))
                throw refused("\"" + term.text + "\" has a hole, because " + text_of(inner) +
                              " is excluded before");
        list.push_back(network);
    }

    Lookups lookups_;
    bool v6_;
};

// -- records that cover too much ---------------------------------------------------------------

Network network_of(const char* address, int length) {
    return {net::parse_address(address).value(), length};
}

void refuse_documentation(const std::vector<Network>& networks) {
    static const std::vector<Network> documentation{
        network_of("192.0.2.0", 24), network_of("198.51.100.0", 24), network_of("203.0.113.0", 24),
        network_of("2001:db8::", 32)};
    for (const Network& network : networks)
        for (const Network& one : documentation)
            if (contains(one, network) || contains(network, one))
                throw refused("it has " + text_of(network) + ", a network for documentation");
}

void refuse_too_much(const std::vector<Network>& networks, bool v6) {
    const int whole = v6 ? 64 : 32;  // bits of what is counted
    const std::uint64_t most = v6 ? most_ipv6_networks : most_ipv4_addresses;
    std::uint64_t sum = 0;
    for (const Network& network : networks) {
        const int bits = std::max(whole - network.length, 0);
        if (bits < 63) sum += std::uint64_t{1} << static_cast<unsigned>(bits);
        if (bits >= 63 || sum > most)
            throw refused(v6 ? "it covers more than 2^34 networks of /64"
                             : "it covers more than 2^22 addresses");
    }
}

}  // namespace

std::string text_of(const Network& network) {
    net::Address first = network.address;
    int length = network.length;
    for (std::uint8_t& byte : first.bytes) {
        byte = static_cast<std::uint8_t>(byte & (0xff00 >> std::clamp(length, 0, 8)));
        length -= 8;
    }
    char text[INET6_ADDRSTRLEN] = "";
    inet_ntop(first.v6 ? AF_INET6 : AF_INET, first.bytes.data(), text, sizeof text);
    return std::string{text} + '/' + std::to_string(network.length);
}

std::variant<Coverage, Questions> covered(const std::string& domain, bool v6,
                                          const net::DnsAnswers& answers) {
    try {
        Compiled compiled = Compilation{answers, v6}.record(domain);
        refuse_too_much(compiled.passed, v6);
        refuse_documentation(compiled.passed);
        Coverage coverage{.networks = std::move(compiled.passed)};
        if (coverage.networks.empty()) coverage.why_none = "it has no network that passes";
        return coverage;
    } catch (MissingAnswers& missing) {
        return std::move(missing.questions);
    } catch (const EvaluationError& error) {
        return Coverage{.why_none = error.reason};
    }
}

bool covers(const Coverage& coverage, const net::Address& client) {
    return std::ranges::any_of(coverage.networks, [&](const Network& network) {
        return same_network(network.address, client, network.length);
    });
}

}  // namespace sqlgrey::spf
