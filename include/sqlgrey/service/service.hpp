// Turns a batch of requests into replies: joins lists, decisions, the link to the database, replies and log.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/enrich/stranger.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/policy/request_handler.hpp"
#include "sqlgrey/service/rules.hpp"
#include "sqlgrey/service/store_link.hpp"
#include "sqlgrey/service/tarpit.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sqlgrey::service {

// Returns the current lists, and counts a hit of a row of the table `lists`. Both are called from several
// threads at once. Empty functions: no lists.
struct ListSource {
    std::function<std::shared_ptr<const lists::Lists>()> now;
    std::function<void(std::int64_t row)> hit;
};

// Told of the strangers of a batch once their replies have been written. Must not block or throw. Called by
// either thread of a worker, never by both at once. Empty: nobody is told.
using TellOfStrangers = std::function<void(std::span<const enrich::Stranger>)>;

struct Decision;

class Service final : public policy::RequestHandler {
  public:
    // References must outlive the Service. Without a tarpit no client is told to wait.
    Service(Rules rules, StoreLink::Open open_store, Outage& outage, Counters& counters,
            const base::Clock& clock, const log::Logger& logger, Alert alert, ListSource lists = {},
            TellOfStrangers tell = {}, Tarpit* tarpit = nullptr);

    // Decides a batch as if its requests had come one after another, commits all rows and returns the replies
    // in order. If the database fails, the failure policy answers, and available() is false afterwards. Not
    // to be called by two threads at once, nor while recover() is running.
    std::vector<policy::Reply> answer(std::span<const policy::PendingRequest> batch) override;

    // Answers by the lists in memory, and by the failure policy where they have no entry. Does not block; any
    // thread. Logs and counts requests and list hits only if `reporting` is `here`.
    std::vector<policy::Reply> answer_without_database(std::span<const policy::PendingRequest> batch,
                                                       policy::Reporting reporting) override;

    // Tells the resolver of the strangers that answer() deferred or held.
    void replied() override;

    // See StoreLink.
    bool available() const override { return link_.available(); }
    void recover() override { link_.recover(); }
    base::Milliseconds pause_before_recover() const override { return link_.pause_before_recover(); }
    void give_up() override { link_.give_up(); }

  private:
    void decide(std::span<Decision* const> batch);
    void take_places(std::span<Decision* const> batch);
    void report_received(const Decision& decision);
    void report_not_a_policy_request(const Decision& decision);
    void report_decided(std::span<Decision* const> batch);
    void log_decision(const log::Logger& logger, const Decision& decision) const;
    void count_hit(const lists::EntryRef& entry);
    void count(const greylist::Outcome& outcome);
    void count_without_database(std::int64_t requests);
    void count_answers_of_policy(std::int64_t requests);
    policy::Reply reply(const Decision& decision) const;
    policy::Reply reply_to_decided(const Decision& decision) const;
    policy::Reply once_a_message(policy::Reply reply, const Decision& decision) const;
    std::shared_ptr<const lists::Lists> lists() const;

    Rules rules_;
    Outage& outage_;
    Counters& counters_;
    const base::Clock& clock_;
    const log::Logger& logger_;
    ListSource lists_;
    TellOfStrangers tell_;
    Tarpit* tarpit_;
    std::vector<enrich::Stranger> strangers_;  // of the last answer()
    StoreLink link_;
};

}  // namespace sqlgrey::service
