// One batch from requests to replies: the only place that catches a database failure, words the
// reply and logs the events.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/policy/request.hpp"
#include "sqlgrey/service/outage.hpp"
#include "sqlgrey/service/rules.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
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
};

struct Item {
    const policy::Request* request;
    Memory* memory;
};

// Tells the admin that the database is away or back: subject and text of a mail.
using Alarm = std::function<void(const std::string& subject, const std::string& text)>;

// The lists as they are now, and whom to tell that a row of the database has decided. Both are called from
// several threads. Empty: there are no lists.
struct ListSource {
    std::function<std::shared_ptr<const lists::Lists>()> now;
    std::function<void(long long row)> hit;
};

struct Sifted;

class Service {
  public:
    using OpenStore = std::function<std::shared_ptr<greylist::Store>()>;

    // `open_store` throws greylist::StoreFailure; it is called by recover() only.
    Service(Rules rules, OpenStore open_store, Outage& outage, const base::Clock& clock,
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

    // Any thread. True until the first failure, of this worker or, if the database did not answer in time, of
    // any.
    bool available() const { return available_ && !outage_.frozen(); }

    // Opens the store if there is none, or anew after a failure. May take as long as connecting takes.
    void recover();

    // Any thread: what answer() does in the database takes too long; it is interrupted.
    void give_up();

  private:
    struct Case;

    std::vector<Case> sift_all(std::span<const Item> batch, std::vector<policy::Reply>& replies);
    void note(const policy::Request& request, const Sifted& sifted) const;
    policy::Reply settled(const Sifted& sifted, const Item& item) const;
    std::shared_ptr<const lists::Lists> lists() const;
    void decide_all(std::vector<Case>& cases);
    void decide_rounds(std::vector<Case>& cases);
    void decide_round(std::vector<Case*>& open);
    void decide(Case& one, const greylist::Facts& facts, std::size_t place,
                std::vector<greylist::Change>& changes);
    policy::Reply worded(const Case& decided) const;
    policy::Reply without_database() const;
    policy::Reply by_lists_alone(const Sifted& sifted) const;
    policy::Reply once_a_message(policy::Reply reply, const Item& item) const;
    void remember(greylist::Store& store, const std::vector<greylist::Change>& changes);
    void lost(const std::string& why, Outage::How how);
    void tell_lost(const std::string& why);
    void tell_back(const Outage::Over& over);
    bool reconnect();
    void open_anew();
    void drop_store();
    std::shared_ptr<greylist::Store> store() const;
    void set_store(std::shared_ptr<greylist::Store> store);

    Rules rules_;
    OpenStore open_store_;
    Outage& outage_;
    const base::Clock& clock_;
    const log::Logger& logger_;
    Alarm alarm_;
    ListSource lists_;
    mutable std::mutex mutex_;  // guards store_, which give_up() reads from another thread
    std::shared_ptr<greylist::Store> store_;
    std::atomic<bool> available_{true};
    std::atomic<unsigned> freezes_at_opening_;
    bool unwritten_ = false;  // the last write failed
};

}  // namespace sqlgrey::service
