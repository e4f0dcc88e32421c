#include "sqlgrey/store/facts.hpp"

#include "change_writer.hpp"
#include "hosts.hpp"
#include "opening.hpp"
#include "statement_check.hpp"
#include "store_clock.hpp"
#include "tables/fact_rows.hpp"

#include <random>
#include <set>

namespace sqlgrey::store {
namespace {

using greylist::Fact;
using greylist::FactSubject;

// What no other call of claim() writes, on whatever host: 128 random bits.
std::string name_of_caller() {
    std::random_device random;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name = "asking ";
    for (int word = 0; word < 4; ++word) {
        std::random_device::result_type bits = random();
        for (int digit = 0; digit < 8; ++digit, bits >>= 4U) name += digits[bits & 15U];
    }
    return name;
}

class SqlFacts final : public greylist::FactStore {
  public:
    SqlFacts(const Target& target, const base::Clock* clock, const OnOpen& on_open)
        : limit_(target.time_limit),
          session_(open_extra(target, Extra::facts, on_open)),
          clock_(*session_, clock) {
        visit([&] { check_statements(*session_, Use::facts); });
        prove_writable(*session_, target, clock, on_open);
    }

    // Most subjects have been asked about already, and nothing is written for these.
    Claimed claim(std::span<const FactSubject> subjects, base::Seconds lasts) override {
        Claimed claimed{{}, std::vector<bool>(subjects.size())};
        std::vector<std::size_t> open;
        visit([&] {
            claimed.now = clock_.now();
            open = unasked(subjects, claimed.now);
        });
        if (open.empty()) return claimed;
        std::vector<FactSubject> rows;
        for (const std::size_t i : open) rows.push_back(subjects[i]);
        const std::string caller = name_of_caller();
        std::vector<bool> ours;
        transaction([&] {
            ask_for(*session_, rows, claimed.now, claimed.now + lasts, caller);
            ours = are_asked(*session_, rows, claimed.now, caller);
        });
        for (std::size_t i = 0; i < open.size(); ++i) claimed.won[open[i]] = ours[i];
        return claimed;
    }

    std::vector<Fact> read(std::span<const FactSubject> subjects) override {
        std::vector<Fact> facts;
        visit([&] { facts = read_facts(*session_, subjects, clock_.now()); });
        return facts;
    }

    void write(std::span<const Fact> facts, std::span<const DomainNetworks> networks) override {
        transaction([&] {
            write_facts(*session_, facts);
            write_networks(*session_, networks);
        });
    }

    void remember(std::span<const greylist::Change> changes) override {
        if (!changes.empty()) transaction([&] { write_changes(*session_, changes); });
    }

  private:
    void visit(const std::function<void()>& body) {
        session_->within(limit_, [&] { session_->visit(body); });
    }
    void transaction(const std::function<void()>& body) {
        session_->within(limit_, [&] { session_->transaction(body); });
    }

    // The first of each subject that nobody asks about, and of which nothing is known.
    std::vector<std::size_t> unasked(std::span<const FactSubject> subjects, base::Time now) {
        const std::vector<bool> asked = are_asked(*session_, subjects, now);
        std::set<FactSubject> seen;
        std::vector<std::size_t> found;
        for (std::size_t i = 0; i < subjects.size(); ++i)
            if (!asked[i] && seen.insert(subjects[i]).second) found.push_back(i);
        return found;
    }

    base::Milliseconds limit_;
    std::unique_ptr<Session> session_;
    StoreClock clock_;
};

}  // namespace

std::unique_ptr<greylist::FactStore> open_facts(const Target& target, const base::Clock* clock,
                                                const OnOpen& on_open) {
    return open_first_good(
        target, [&](const Target& one) { return std::make_unique<SqlFacts>(one, clock, on_open); });
}

}  // namespace sqlgrey::store
