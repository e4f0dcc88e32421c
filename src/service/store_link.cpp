#include "sqlgrey/service/store_link.hpp"

#include "events.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace sqlgrey::service {
namespace {

constexpr base::Milliseconds first_pause{500};
constexpr base::Milliseconds longest_pause{1000};
constexpr base::Milliseconds longest_pause_of_error{5000};

}  // namespace

// Adds its own lifetime to `times`, also when an exception ends it.
class Timed {
  public:
    explicit Timed(Counters::Microseconds& times) : times_(times) {}
    ~Timed() {
        const auto took = std::chrono::steady_clock::now() - began_;
        times_.add(
            static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
    }
    Timed(const Timed&) = delete;
    Timed& operator=(const Timed&) = delete;

  private:
    Counters::Microseconds& times_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

// Measures visits, and notes whether a write failed: only a successful write proves that writing works again.
class StoreLink::Watched final : public greylist::Store {
  public:
    Watched(StoreLink& link, greylist::Store& store) : link_(link), store_(store) {}

    greylist::Facts look_up(std::span<const greylist::Triplet> triplets,
                            const greylist::Policy& policy) override {
        const Timed timed(link_.counters_.look_up);
        return store_.look_up(triplets, policy);
    }
    std::vector<std::size_t> remember(std::span<const greylist::Change> changes) override {
        const Timed timed(link_.counters_.write);
        link_.write_failed_ = true;
        std::vector<std::size_t> left = store_.remember(changes);
        link_.write_failed_ = false;
        if (left.size() < changes.size()) link_.wrote();
        return left;
    }
    std::vector<greylist::FoundElsewhere> look_up_elsewhere(std::span<const greylist::Elsewhere> asked,
                                                            const greylist::Policy& policy) override {
        const Timed timed(link_.counters_.look_up);
        return store_.look_up_elsewhere(asked, policy);
    }
    std::vector<greylist::ClientFacts> look_up_facts(std::span<const greylist::FactQuestion> asked) override {
        const Timed timed(link_.counters_.look_up);
        return store_.look_up_facts(asked);
    }
    const greylist::Pools& pools(bool are_on) override { return store_.pools(are_on); }
    void interrupt() noexcept override { store_.interrupt(); }

  private:
    StoreLink& link_;
    greylist::Store& store_;
};

StoreLink::StoreLink(Open open, Outage& outage, Counters& counters, const base::Clock& clock,
                     const log::Logger& logger, Alert alert, Options options)
    : open_(std::move(open)),
      outage_(outage),
      counters_(counters),
      clock_(clock),
      logger_(logger),
      alert_(std::move(alert)),
      options_(options),
      stalls_at_opening_(outage.stalls()) {
}

bool StoreLink::available() const {
    const State state = state_;
    return (state == State::open || state == State::connecting) && !outage_.stalled();
}

StoreLink::Visited StoreLink::visit(const std::function<void(greylist::Store&)>& body) {
    std::optional<Failure> failure = attempt(body);
    if (failure && failure->is_damage) warn("error: " + failure->what);  // whether or not a new session helps
    if (failure && available() && store()) failure = attempt_over_new_session(body);
    if (!failure) {
        failures_ = 0;
        return Visited::done;
    }
    return fail(*failure, write_failed_ ? Outage::Cause::write_failed : Outage::Cause::lost);
}

std::optional<StoreLink::Failure> StoreLink::attempt_over_new_session(
    const std::function<void(greylist::Store&)>& body) {
    if (const auto failure = open_session()) return failure;
    // If the loop has given up by now, the batch has been answered and must leave no rows.
    if (!available()) return Failure{"given up", false};
    return attempt(body);
}

std::optional<StoreLink::Failure> StoreLink::attempt(const std::function<void(greylist::Store&)>& body) {
    const auto store = this->store();
    if (!store) return Failure{"not connected", false};
    try {
        Watched watched(*this, *store);
        body(watched);
        return {};
    } catch (const greylist::StoreError& error) {
        return counted(error);
    } catch (const greylist::StoreFailure& error) {
        return counted(error);
    }
}

StoreLink::Failure StoreLink::counted(const greylist::StoreError& error) {
    counters_.of(database_failure(error.fault())).add();
    return {error.what(), true, error.fault() == greylist::StoreError::Fault::damaged};
}

StoreLink::Failure StoreLink::counted(const greylist::StoreFailure& failure) {
    counters_.of(DatabaseFailure::unavailable).add();
    return {failure.what(), false};
}

// Closes the old session before opening the new one.
std::optional<StoreLink::Failure> StoreLink::open_session() {
    drop_store();
    stalls_at_opening_ = outage_.stalls();
    try {
        OpenedStore opened = open_();
        set_store(std::move(opened.store));
        for (const std::string& warning : opened.warnings) warn(warning);
        return {};
    } catch (const greylist::StoreError& error) {
        return counted(error);
    } catch (const greylist::StoreFailure& error) {
        return counted(error);
    }
}

StoreLink::Visited StoreLink::fail(const Failure& failure, Outage::Cause cause) {
    const bool given_up = state_ == State::stalled;
    drop_store();
    if (given_up && cause == Outage::Cause::lost) return Visited::given_up;  // give_up() has reported it
    state_ = State::lost;
    lengthen_pause(failure.is_error);
    report(failure, outage_.begins(clock_.now(), cause));
    return given_up ? Visited::given_up : Visited::failed;
}

void StoreLink::lengthen_pause(bool is_error) {
    const base::Milliseconds longest = is_error ? longest_pause_of_error : longest_pause;
    pause_ = std::min(first_pause * (1 << std::min(failures_, 4)), longest);
    ++failures_;
}

void StoreLink::recover() {
    if (store() && available()) return;
    if (const auto failure = open_session()) {
        state_ = State::lost;
        lengthen_pause(failure->is_error);
        return report(*failure, outage_.begins(clock_.now(), Outage::Cause::lost));
    }
    state_ = State::open;
    if (const auto over = outage_.opened(clock_.now())) report_over(*over);
}

void StoreLink::give_up() {
    // True if another worker has reported the outage already; see Outage::stalls().
    const bool known = stalls_at_opening_ != outage_.stalls();
    state_ = State::stalled;
    pause_ = failures_ == 0 ? base::Milliseconds{0} : longest_pause;
    ++failures_;
    counters_.of(DatabaseFailure::timeout).add();
    if (const auto store = this->store()) store->interrupt();
    if (known) return;
    const std::string what =
        "no answer within " + std::to_string(options_.time_limit.count()) + " ms (db_timeout)";
    if (outage_.begins(clock_.now(), Outage::Cause::stalled)) report({what, false}, true);
}

// An error within an outage is reported too, because an administrator must act: for example, the restarted
// server refuses the password.
void StoreLink::report(const Failure& failure, bool first) {
    if (failure.is_error ? !outage_.error_is_due(clock_.now()) : !first) return;
    const std::string text =
        failure.is_error
            ? events::database_error(logger_, failure.what, options_.pass_without_database)
            : events::database_unavailable(logger_, failure.what, options_.pass_without_database);
    if (alert_)
        alert_(failure.is_error ? "sqlgrey: database cannot be used" : "sqlgrey: database unavailable", text);
}

void StoreLink::warn(const std::string& text) {
    events::database_warning(logger_, text);
    if (alert_) alert_("sqlgrey: database", text);
}

void StoreLink::report_over(const Outage::Over& over) {
    const std::string text = events::database_available(logger_, over.lasted, over.answered);
    if (alert_) alert_("sqlgrey: database available again", text);
}

void StoreLink::wrote() {
    if (const auto over = outage_.wrote(clock_.now())) report_over(*over);
}

std::shared_ptr<greylist::Store> StoreLink::store() const {
    const std::lock_guard lock(mutex_);
    return store_;
}

// Interrupts first: closing a connection properly may need an answer from the server, which may never come.
void StoreLink::drop_store() {
    if (const auto store = this->store()) store->interrupt();
    set_store(nullptr);
}

void StoreLink::set_store(std::shared_ptr<greylist::Store> store) {
    std::unique_lock lock(mutex_);
    std::swap(store_, store);
    lock.unlock();  // the old one closes its connection outside the lock
}

}  // namespace sqlgrey::service
