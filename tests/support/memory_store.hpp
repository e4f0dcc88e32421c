// A store whose tables are maps, with failures on demand.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/identities.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/mail/address.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace test {

using namespace sqlgrey;

// The tables as maps. `failing` makes every visit throw; `visits` counts them.
class MemoryStore final : public greylist::Store {
  public:
    using Key = std::vector<std::string>;

    explicit MemoryStore(const base::Clock& clock) : clock_(clock) {}

    greylist::Facts look_up(std::span<const greylist::Triplet> triplets,
                            const greylist::Policy& policy) override {
        visit();
        largest_batch = std::max(largest_batch, triplets.size());
        greylist::Facts facts{clock_.now(), {}};
        const bool all = std::ranges::any_of(triplets, &greylist::Triplet::ask_all);
        for (const greylist::Triplet& t : triplets)
            facts.known.push_back(asked_for(t, known(t), all, facts.now, policy));
        return facts;
    }
    std::vector<std::size_t> remember(std::span<const greylist::Change> changes) override {
        if (changes.empty()) return {};
        visit();
        if (writes_to_fail > 0 && writes_to_fail--) throw greylist::StoreUnavailable("connection lost");
        if (disk_full) throw greylist::StoreError(greylist::StoreError::Fault::full, "disk full");
        std::vector<std::size_t> left;
        for (std::size_t i = 0; i < changes.size(); ++i) {
            if (locked_sources.contains(greylist::source_of(changes[i])))
                left.push_back(i);
            else
                std::visit([this](const auto& one) { write(one); }, changes[i]);
        }
        return left;
    }
    std::vector<greylist::FoundElsewhere> look_up_elsewhere(std::span<const greylist::Elsewhere> asked,
                                                            const greylist::Policy& policy) override {
        visit();
        std::vector<greylist::FoundElsewhere> found;
        for (const greylist::Elsewhere& one : asked) found.push_back(elsewhere(one, policy));
        return found;
    }
    std::vector<greylist::ClientFacts> look_up_facts(std::span<const greylist::FactQuestion> asked) override {
        visit();
        ++fact_lookups;
        std::vector<greylist::ClientFacts> found;
        for (const greylist::FactQuestion& one : asked) found.push_back(client_facts[one.subject]);
        return found;
    }
    const greylist::Pools& pools(bool) override {
        shared_pools.are_remembered = !pool.empty();
        return shared_pools;
    }
    void interrupt() noexcept override { interrupted = true; }

    bool failing = false;
    bool disk_full = false;
    std::set<std::string> locked_sources;  // by somebody else's transaction
    int writes_to_fail = 0;                // the next so many
    bool interrupted = false;
    int visits = 0;
    int fact_lookups = 0;
    std::size_t largest_batch = 0;
    std::map<Key, base::Time> connect;
    std::map<Key, greylist::Seen> from_awl, domain_awl;
    std::map<std::string, greylist::RetryCount> client_awl;
    std::map<Key, base::Time> expectations;        // by recipient and domain, which may be empty
    std::map<std::string, greylist::Opted> opted;  // by recipient, and by its domain
    std::map<std::string, std::pair<std::string, base::Time>> pool;  // by network
    greylist::Pools shared_pools;
    std::map<greylist::FactSubject, greylist::ClientFacts> client_facts;  // by client and domain

  private:
    void visit() {
        ++visits;
        if (failing) throw greylist::StoreUnavailable("the test pulled the plug");
    }
    // What a database gives of it: what the policy asks for and, unless all is to be told, nothing behind a
    // row of an auto-whitelist that lets the sender pass.
    static greylist::Known asked_for(const greylist::Triplet& t, greylist::Known known, bool all,
                                     base::Time now, const greylist::Policy& policy) {
        if (!t.count_client) {
            known.client_awl.reset();
            known.src_connect = known.src_domain_awl = known.src_from_awl = 0;
        }
        if (policy.auto_whitelist_clients == 0) known.client_awl.reset();
        if (policy.retry_count == 1) known.retries = {};
        if (policy.opt_method == greylist::OptMethod::none) known.opted = {};
        if (policy.connect_src_throttle == 0) known.src_domain_awl = 0;
        if (policy.connect_src_throttle == 0 || known.src_domain_awl > 0)
            known.src_connect = known.src_from_awl = 0;
        if (policy.group_domain_level == 0) {
            known.senders_known = 0;
            known.oldest_sender.reset();
        }
        if (all || (!known.domain_awl && !known.from_awl)) return known;
        greylist::Known first;
        first.opted = known.opted;
        first.domain_awl = known.domain_awl;
        if (!known.domain_awl) first.from_awl = known.from_awl;
        return greylist::passes_by_awl(first, now, policy) ? first : known;
    }
    greylist::Known known(const greylist::Triplet& t) const {
        greylist::Known known;
        if (const auto at = domain_awl.find({t.src, t.sender_domain}); at != domain_awl.end())
            known.domain_awl = at->second;
        if (const auto at = from_awl.find({t.src, t.sender_domain, t.deverped}); at != from_awl.end())
            known.from_awl = at->second;
        if (const auto at = connect.find({t.src, t.sender_domain, t.sender_name, t.rcpt});
            at != connect.end())
            known.connect = at->second;
        const std::string retries = greylist::row_of_retry(t, {}).sender_name;
        for (const auto& [key, first_seen] : connect) {
            if (key[0] != greylist::src_of_letters || key[1] != t.sender_domain || key[2] != retries)
                continue;
            ++known.retries.count;
            known.retries.last = std::max(first_seen, known.retries.last.value_or(first_seen));
        }
        for (const auto& [key, seen] : from_awl) {
            if (key[0] != t.src) continue;
            ++known.src_from_awl;
            if (key[1] != t.sender_domain) continue;
            ++known.senders_known;
            known.oldest_sender = std::min(seen.first, known.oldest_sender.value_or(seen.first));
        }
        for (const auto& [key, seen] : connect) known.src_connect += key[0] == t.src;
        for (const auto& [key, seen] : domain_awl)
            if (key[0] == t.src) known.src_domain_awl = 1;  // as a database, which looks for one
        if (const auto at = client_awl.find(t.src); at != client_awl.end()) known.client_awl = at->second;
        for (const std::string& domain : {std::string{}, t.sender_domain})
            if (const auto at = expectations.find({t.rcpt, domain}); at != expectations.end())
                known.expected_until = std::max(at->second, known.expected_until.value_or(at->second));
        if (const auto at = opted.find(t.opt_domain); at != opted.end()) {
            known.opted.in_domain = at->second.in_domain;
            known.opted.out_domain = at->second.out_domain;
        }
        if (const auto at = opted.find(t.opt_email); at != opted.end()) {
            known.opted.in_email = at->second.in_email;
            known.opted.out_email = at->second.out_email;
        }
        return known;
    }
    greylist::FoundElsewhere elsewhere(const greylist::Elsewhere& asked,
                                       const greylist::Policy& policy) const {
        greylist::FoundElsewhere found;
        if (const auto at = pool.find(asked.network); at != pool.end()) {
            found.pool = at->second.first;
            found.remembered = at->second.second;
        }
        greylist::Triplet triplet = asked.triplet;
        if (triplet.src.empty()) triplet.src = found.pool;
        const greylist::Known all = asked_for(triplet, known(triplet), true, {}, policy);
        found.known.domain_awl = all.domain_awl;
        found.known.from_awl = all.from_awl;
        found.known.connect = all.connect;
        found.known.senders_known = all.senders_known;
        found.known.oldest_sender = all.oldest_sender;
        found.known.client_awl = all.client_awl;
        found.known.src_connect = all.src_connect;
        found.known.src_domain_awl = all.src_domain_awl;
        found.known.src_from_awl = all.src_from_awl;
        if (asked.letter.empty()) return found;
        for (const auto& [key, first_seen] : connect)
            if (key[0] == greylist::src_of_letters && key[1] == asked.triplet.sender_domain &&
                key[2] == asked.letter)
                found.of_letter.push_back({key[3], first_seen});
        return found;
    }
    void write(const greylist::RememberPool& memory) {
        const auto [at, is_new] = pool.try_emplace(memory.network, memory.src, memory.now);
        if (is_new) return;
        const bool counts = at->second.second >= memory.now - greylist::pool_memory;
        at->second = {counts && at->second.first != memory.src ? "" : memory.src, memory.now};
    }
    void write(const greylist::CountRetry& retry) {
        greylist::Known known;
        if (const auto at = client_awl.find(retry.src); at != client_awl.end()) known.client_awl = at->second;
        greylist::Triplet triplet;
        triplet.src = retry.src;
        greylist::Outcome outcome;
        outcome.changes.emplace_back(retry);
        greylist::apply(outcome, triplet, known);
        client_awl[retry.src] = *known.client_awl;
    }
    void write(const greylist::TouchClientAwl& touch) {
        if (const auto at = client_awl.find(touch.src); at != client_awl.end())
            at->second.last_seen = touch.now;
    }
    void write(const greylist::PutConnect& put) {
        const greylist::Triplet& t = put.triplet;
        auto [at, inserted] = connect.try_emplace({t.src, t.sender_domain, t.sender_name, t.rcpt}, put.now);
        if (!inserted && (at->second < put.counts_since || at->second > put.now)) at->second = put.now;
    }
    void write(const greylist::TouchDomainAwl& touch) {
        if (const auto at = domain_awl.find({touch.src, touch.sender_domain}); at != domain_awl.end())
            at->second.last = touch.now;
    }
    void write(const greylist::TouchFromAwl& touch) {
        if (const auto at = from_awl.find({touch.src, touch.sender_domain, touch.deverped});
            at != from_awl.end())
            at->second.last = touch.now;
    }
    void write(const greylist::PutFromAwl& put) {
        from_awl[{put.src, put.sender_domain, put.deverped}] = {put.first_seen, put.now};
        std::erase_if(connect, [&](const auto& row) {
            return row.first[0] == put.src && row.first[1] == put.sender_domain &&
                   mail::matches_deverped(put.deverped, row.first[2], put.own_hashes);
        });
    }
    void write(const greylist::PutDomainAwl& put) {
        domain_awl[{put.src, put.sender_domain}] = {put.first_seen, put.now};
        const auto of_domain = [&](const auto& row) {
            return row.first[0] == put.src && row.first[1] == put.sender_domain;
        };
        std::erase_if(from_awl, of_domain);
        std::erase_if(connect, of_domain);
    }

    const base::Clock& clock_;
};

}  // namespace test
