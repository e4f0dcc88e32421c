#include "sqlgrey/store/reading.hpp"

#include "catalog.hpp"
#include "hosts.hpp"
#include "look_up.hpp"
#include "session.hpp"
#include "store_clock.hpp"
#include "tables/daily_rows.hpp"
#include "tables/fact_rows.hpp"
#include "tables/pool_rows.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>

namespace sqlgrey::store {
namespace {

using greylist::Facts;
using greylist::Policy;
using greylist::Triplet;
using greylist::WaitingTriplet;

// The tables that every lookup reads.
constexpr const char* necessary[] = {"domain_awl", "from_awl", "connect"};

class OverSession final : public ReadingStore {
  public:
    OverSession(const Target& target, const base::Clock* clock)
        : target_(target), session_(target, Purpose::inspection), clock_(session_, clock) {
        bounded([&] { look_what_is_there(); });
    }

    Facts look_up(std::span<const Triplet> triplets, const Policy& policy) override {
        if (is_empty_) return {now(), std::vector<greylist::Known>(triplets.size())};
        const PartSet parts = (parts_for(policy) & there_) | behind_awl;
        Facts facts;
        bounded([&] { facts = store::look_up(session_, clock_, triplets, parts); });
        return facts;
    }
    std::vector<std::size_t> remember(std::span<const greylist::Change>) override { return {}; }
    std::vector<greylist::FoundElsewhere> look_up_elsewhere(std::span<const greylist::Elsewhere> asked,
                                                            const greylist::Policy& policy) override {
        std::vector<greylist::FoundElsewhere> found(asked.size());
        if (has_pools_) bounded([&] { found = read_elsewhere(session_, asked, parts_for(policy) & there_); });
        return found;
    }
    std::vector<greylist::ClientFacts> look_up_facts(std::span<const greylist::FactQuestion> asked) override {
        std::vector<greylist::ClientFacts> found(asked.size());
        if (!has_facts_) return found;
        try {
            bounded([&] { found = read_client_facts(session_, clock_, asked, target_.is_doubted); });
        } catch (const greylist::StoreError&) {
            has_facts_ = false;  // they must not be read, so the workers know nothing, either
        }
        return found;
    }
    const greylist::Pools& pools(bool) override {
        if (has_pools_) bounded([&] { pools_ = read_pools(session_); });
        return pools_;
    }
    void interrupt() noexcept override { session_.interrupt(); }

    std::vector<WaitingTriplet> waiting_between(base::Time from, base::Time until,
                                                std::size_t most) override {
        std::vector<WaitingTriplet> found;
        if (is_empty_) return found;
        bounded([&] {
            found.clear();
            session_.prepared({StatementId::waiting_between})
                .bind(base::epoch(from))
                .bind(base::epoch(until))
                .bind(static_cast<std::int64_t>(most))
                .query([&](const Prepared& row) {
                    Triplet triplet{row.text(0), row.text(1), row.text(2), row.text(2), row.text(3)};
                    found.push_back({std::move(triplet), row.time(4).value_or(from)});
                });
        });
        return found;
    }
    Daily daily(const std::string& from_day) override {
        Daily found;
        if (has_daily_) bounded([&] { found = read_daily(session_, from_day); });
        return found;
    }
    base::Time now() override {
        base::Time time;
        bounded([&] { time = clock_.now(); });
        return time;
    }
    std::vector<std::string> notes() const override { return notes_; }
    bool has_lists() const override { return has_lists_; }

  private:
    void bounded(const std::function<void()>& body) {
        session_.within(target_.time_limit, [&] { session_.visit(body); });
    }

    void look_what_is_there() {
        const Catalog catalog = read_catalog(session_);
        notes_.clear();
        has_lists_ = catalog.contains("lists");
        has_pools_ = catalog.contains("pool") && catalog.contains("organisation");
        has_daily_ = catalog.contains("daily") && catalog.contains("daily_delay");
        has_facts_ = catalog.contains("fact") && catalog.contains("spf_network");
        is_empty_ = std::ranges::any_of(necessary, [&](const char* name) { return !catalog.contains(name); });
        if (is_empty_) {
            notes_.push_back("the database has no tables yet: sqlgrey makes them when it starts");
            return;
        }
        there_ = 0;
        const std::vector<LookUpPart>& parts = look_up_parts();
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const auto missing = std::ranges::find_if(
                parts[i].tables, [&](const char* name) { return !catalog.contains(name); });
            if (missing == parts[i].tables.end())
                there_ |= PartSet{1} << i;
            else
                notes_.push_back(std::string{"there is no table "} + *missing +
                                 " yet: sqlgrey makes it when it starts");
        }
    }

    Target target_;
    Session session_;
    StoreClock clock_;
    PartSet there_ = 0;
    bool is_empty_ = false;
    bool has_lists_ = false;
    bool has_pools_ = false;
    bool has_daily_ = false;
    bool has_facts_ = false;
    greylist::Pools pools_;
    std::vector<std::string> notes_;
};

// In place of a SQLite file that does not exist yet.
class NoFile final : public ReadingStore {
  public:
    NoFile(std::string file, const base::Clock* clock) : file_(std::move(file)), clock_(clock) {}

    Facts look_up(std::span<const Triplet> triplets, const Policy&) override {
        return {now(), std::vector<greylist::Known>(triplets.size())};
    }
    std::vector<std::size_t> remember(std::span<const greylist::Change>) override { return {}; }
    std::vector<greylist::FoundElsewhere> look_up_elsewhere(std::span<const greylist::Elsewhere> asked,
                                                            const greylist::Policy&) override {
        return std::vector<greylist::FoundElsewhere>(asked.size());
    }
    std::vector<greylist::ClientFacts> look_up_facts(std::span<const greylist::FactQuestion> asked) override {
        return std::vector<greylist::ClientFacts>(asked.size());
    }
    const greylist::Pools& pools(bool) override { return pools_; }
    void interrupt() noexcept override {}
    std::vector<WaitingTriplet> waiting_between(base::Time, base::Time, std::size_t) override { return {}; }
    Daily daily(const std::string&) override { return {}; }
    base::Time now() override { return clock_ ? clock_->now() : base::SystemClock{}.now(); }
    std::vector<std::string> notes() const override {
        return {"there is no SQLite file " + file_ + " yet: sqlgrey makes it when it starts"};
    }
    bool has_lists() const override { return false; }

  private:
    std::string file_;
    const base::Clock* clock_;
    greylist::Pools pools_;
};

bool is_absent(const Target& target) {
    std::error_code unknown;
    return target.database == Database::sqlite && !std::filesystem::exists(target.name, unknown) && !unknown;
}

}  // namespace

std::unique_ptr<ReadingStore> open_to_read(const Target& target, const base::Clock* clock) {
    if (is_absent(target)) return std::make_unique<NoFile>(target.name, clock);
    Target own_target = target;
    own_target.replicas.clear();
    own_target.read_only = true;
    return open_first_good(own_target, [&](const Target& one) -> std::unique_ptr<ReadingStore> {
        return std::make_unique<OverSession>(one, clock);
    });
}

}  // namespace sqlgrey::store
