#include "replica.hpp"

#include "awl.hpp"
#include "sqlgrey/base/quiet_thread.hpp"
#include "sqlgrey/base/time_limit.hpp"
#include "sqlgrey/store/sql_store.hpp"

#include <system_error>

#include <unistd.h>

namespace sqlgrey::store {
namespace {

using greylist::Facts;
using greylist::Policy;
using greylist::Triplet;

constexpr base::Seconds between_attempts{1};

Target target_for(const Target& primary, const Host& host) {
    Target target = primary;
    target.hosts = {host};
    target.replicas.clear();
    target.read_only = true;
    return target;
}

class ClusterStore final : public greylist::Store {
  public:
    ClusterStore(std::unique_ptr<greylist::Store> primary, std::unique_ptr<Replica> replica)
        : primary_(std::move(primary)), replica_(std::move(replica)) {}

    Facts look_up(std::span<const Triplet> triplets, const Policy& policy) override {
        std::optional<Facts> facts = replica_->look_up(triplets, policy);
        if (!facts) return primary_->look_up(triplets, policy);
        std::vector<Triplet> pending;
        std::vector<std::size_t> indexes;
        for (std::size_t i = 0; i < triplets.size(); ++i) {
            // If everything is asked for, it is not enough that the sender passes.
            if (!triplets[i].ask_all && greylist::passes_by_awl(facts->known[i], facts->now, policy))
                continue;
            pending.push_back(triplets[i]);
            indexes.push_back(i);
        }
        if (pending.empty()) return *facts;
        const Facts answer = primary_->look_up(pending, policy);
        facts->now = answer.now;
        for (std::size_t i = 0; i < indexes.size(); ++i) facts->known[indexes[i]] = answer.known[i];
        return *facts;
    }
    std::vector<std::size_t> remember(std::span<const greylist::Change> changes) override {
        return primary_->remember(changes);
    }
    std::vector<greylist::FoundElsewhere> look_up_elsewhere(std::span<const greylist::Elsewhere> asked,
                                                            const greylist::Policy& policy) override {
        return primary_->look_up_elsewhere(asked, policy);
    }
    std::vector<greylist::ClientFacts> look_up_facts(std::span<const greylist::FactQuestion> asked) override {
        return primary_->look_up_facts(asked);
    }
    const greylist::Pools& pools(bool are_on) override { return primary_->pools(are_on); }
    void interrupt() noexcept override {
        replica_->interrupt();
        primary_->interrupt();
    }

  private:
    std::unique_ptr<greylist::Store> primary_;
    std::unique_ptr<Replica> replica_;
};

}  // namespace

Replica::Replica(const Target& target, const base::Clock* clock, base::Milliseconds lookup_timeout)
    : target_(target),
      clock_(clock),
      lookup_timeout_(lookup_timeout),
      next_(static_cast<std::size_t>(::getpid())) {
    try {
        thread_ = base::quiet_thread([this] { keep_connected(); });
    } catch (const std::system_error& error) {
        throw greylist::StoreUnavailable(error.what());
    }
}

Replica::~Replica() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

std::optional<Facts> Replica::look_up(std::span<const Triplet> triplets, const Policy& policy) {
    const auto store = this->store();
    if (!store) return {};
    try {
        const base::TimeLimit limit(lookup_timeout_, [&] { store->interrupt(); });
        return store->look_up(triplets, policy);
    } catch (const greylist::StoreFailure&) {
        store->interrupt();  // so that closing it does not wait for an answer
        const std::lock_guard lock(mutex_);
        store_.reset();
    }
    changed_.notify_one();
    return {};
}

void Replica::interrupt() noexcept {
    if (const auto store = this->store()) store->interrupt();
}

std::shared_ptr<greylist::Store> Replica::store() const {
    const std::lock_guard lock(mutex_);
    return store_;
}

void Replica::keep_connected() {
    std::unique_lock lock(mutex_);
    while (!stop_) {
        lock.unlock();
        std::shared_ptr<greylist::Store> connected = connect_to_any();
        lock.lock();
        store_ = std::move(connected);
        if (store_)
            changed_.wait(lock, [this] { return stop_ || !store_; });
        else
            changed_.wait_for(lock, between_attempts, [this] { return stop_; });
    }
}

// Workers start with different hosts, so that each replica gets its share.
std::shared_ptr<greylist::Store> Replica::connect_to_any() {
    for (std::size_t tried = 0; tried < target_.replicas.size(); ++tried) {
        const Host& host = target_.replicas[next_++ % target_.replicas.size()];
        try {
            return open_store(target_for(target_, host), clock_);
        } catch (const std::exception&) {  // a thread must not throw, not even std::bad_alloc
            continue;                      // try the next one
        }
    }
    return {};
}

std::unique_ptr<greylist::Store> with_replica(std::unique_ptr<greylist::Store> primary,
                                              std::unique_ptr<Replica> replica) {
    return std::make_unique<ClusterStore>(std::move(primary), std::move(replica));
}

}  // namespace sqlgrey::store
