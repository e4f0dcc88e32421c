// One batch from requests to replies: joins lists, decisions, the link to the database, replies and log.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/policy/request.hpp"
#include "sqlgrey/service/rules.hpp"
#include "sqlgrey/service/store_link.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sqlgrey::service {

// What is remembered of one connection between its requests. Postfix asks once for each recipient of a
// message, all over one connection and with one `instance` (SMTPD_POLICY_README).
struct Memory {
    std::string instance_with_header;  // the message that has its X-Greylist header already
    std::string instance_accepted;     // the message of which a recipient has earned acceptance
    bool told_of_strange_request = false;
    bool operator==(const Memory&) const = default;
};

struct Item {
    const policy::Request* request;
    Memory* memory;
};

// The lists as they are now, and whom to tell that a row of the database has decided. Both are called from
// several threads. Empty: there are no lists.
struct ListSource {
    std::function<std::shared_ptr<const lists::Lists>()> now;
    std::function<void(long long row)> hit;
};

struct Case;
struct Sifted;

class Service {
  public:
    Service(Rules rules, StoreLink::Open open_store, Outage& outage, const base::Clock& clock,
            const log::Logger& logger, Alarm alarm, ListSource lists = {});

    // The replies to a batch, in order, decided as if one request had come after another, after all its rows
    // are committed. When the database fails: what the failure policy says, and available() is false. Not by
    // two threads at once, nor while recover() is being called.
    std::vector<policy::Reply> answer(std::span<const Item> batch);

    // What the lists in memory say, with the lines of the log and the hits of a list that go with it, and for
    // the others the failure policy; at once, from any thread. Touches no Memory.
    std::vector<policy::Reply> answer_without_database(std::span<const policy::Request* const> requests);

    // The same for requests that are with answer() at that moment, which logs and counts them: nothing of
    // this here.
    std::vector<policy::Reply> answer_meanwhile(std::span<const policy::Request* const> requests);

    // See StoreLink.
    bool available() const { return link_.available(); }
    void recover() { link_.recover(); }
    base::Milliseconds pause_before_recover() const { return link_.pause_before_recover(); }
    void give_up() { link_.give_up(); }

  private:
    std::vector<Case> sift_all(std::span<const Item> batch, std::vector<policy::Reply>& replies);
    void note(const policy::Request& request, const Sifted& sifted) const;
    policy::Reply settled(const Sifted& sifted, const Item& item) const;
    std::shared_ptr<const lists::Lists> lists() const;
    void reply_to_decided(const std::vector<Case>& cases, std::vector<policy::Reply>& replies);
    void reply_without_database_to(const std::vector<Case>& cases, std::vector<policy::Reply>& replies);
    void report_locked(long long requests);
    policy::Reply worded(const Case& decided) const;
    policy::Reply without_database() const;
    policy::Reply by_lists_alone(const Sifted& sifted) const;
    policy::Reply once_a_message(policy::Reply reply, const Item& item) const;

    Rules rules_;
    Outage& outage_;
    const base::Clock& clock_;
    const log::Logger& logger_;
    ListSource lists_;
    StoreLink link_;
};

}  // namespace sqlgrey::service
