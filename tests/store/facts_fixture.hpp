// What the tests of facts have in common.
#pragma once

#include "sqlgrey/net/address.hpp"
#include "sqlgrey/store/facts.hpp"
#include "store_fixture.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

namespace sqlgrey::store {

using namespace std::chrono_literals;
using greylist::AddressRange;
using greylist::ClientFacts;
using greylist::Fact;
using greylist::FactQuestion;
using greylist::FactSubject;
using DomainNetworks = greylist::FactStore::DomainNetworks;

inline const FactSubject of_client{"192.0.2.1", ""};
inline const FactSubject of_both{"192.0.2.1", "example.org"};
inline const FactSubject of_domain{"", "example.org"};

inline std::string key_of(const std::string& address) {
    return greylist::address_key(net::parse_address(address).value());
}

inline AddressRange range(const std::string& first, const std::string& last) {
    return {key_of(first), key_of(last)};
}

inline FactQuestion question(const std::string& address, const std::string& of = "example.org") {
    return {{address, of}, key_of(address)};
}

struct FactsTest : StoreTest {
    std::unique_ptr<greylist::FactStore> facts = open_facts(database.target(), &clock);

    void write(std::vector<Fact> rows, std::vector<DomainNetworks> networks = {}) {
        facts->write(rows, networks);
    }
    std::vector<bool> claim(std::vector<FactSubject> subjects, base::Seconds lasts = 10s) {
        return facts->claim(subjects, lasts).won;
    }
    std::vector<Fact> read(std::vector<FactSubject> subjects) {
        std::vector<Fact> rows = facts->read(subjects);
        std::ranges::sort(rows, {}, [](const Fact& row) { return std::tie(row.subject, row.source); });
        return rows;
    }
    ClientFacts known_of(const FactQuestion& asked) {
        return store->look_up_facts(std::span(&asked, 1)).at(0);
    }
    bool covers(const std::string& address, const std::string& of = "example.org") {
        return known_of(question(address, of)).spf_covers;
    }
};

}  // namespace sqlgrey::store
