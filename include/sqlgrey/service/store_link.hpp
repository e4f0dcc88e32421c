// One worker's link to the database: one session, opened again after a failure, and the log lines and mails
// about an outage.
//
//   state       what happens                               next
//   connecting  recover() opens a session                  open
//   connecting  recover() cannot open one                  lost
//   open        a visit fails, a new session takes it      open
//   open        a visit fails over a new session too       lost
//   open        a visit takes longer than db_timeout       stalled
//   stalled     recover() opens a session                  open
//   stalled     recover() cannot open one                  lost
//   lost        recover() opens a session                  open
//   lost        recover() cannot open one                  lost
//
// Opening a session checks that every statement can be run, so an outage caused by a wrong table lasts until
// the table is right. One that began with a failed write lasts until a write succeeds.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/notify/mail_alert.hpp"
#include "sqlgrey/service/counters.hpp"
#include "sqlgrey/service/shared_outage.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace sqlgrey::service {

using notify::Alert;

// A session, and warnings for the administrator, for example that a damaged file was set aside.
struct OpenedStore {
    std::shared_ptr<greylist::Store> store;
    std::vector<std::string> warnings{};
};

class StoreLink {
  public:
    using Open = std::function<OpenedStore()>;
    struct Options {
        bool pass_without_database = true;    // on_db_failure, for the log
        base::Milliseconds time_limit{2000};  // db_timeout, for the log
    };

    // `open` throws greylist::StoreFailure and is called by recover() and visit() only. References must
    // outlive the StoreLink.
    StoreLink(Open open, Outage& outage, Counters& counters, const base::Clock& clock,
              const log::Logger& logger, Alert alert, Options options);

    enum class State { connecting, open, stalled, lost };

    enum class Visited {
        done,
        failed,   // logged and mailed; the failure policy must answer
        given_up  // by give_up(): the failure policy has answered already
    };
    // Runs `body`, and once more over a new session if the old one has failed: most lost sessions died while
    // idle, because the server was restarted or closed them. Not to be called by two threads at once, nor
    // while recover() is running.
    Visited visit(const std::function<void(greylist::Store&)>& body);

    // True in `connecting` and `open`, unless a visit of any worker took too long. Any thread.
    bool available() const;
    // Opens a session if there is none or the last one failed. Blocks while connecting.
    void recover();
    // How long to wait before the next recover(): 0 after the first visit that took too long, then 0.5 s
    // growing to 1 s, or to 5 s if an administrator must correct something.
    base::Milliseconds pause_before_recover() const { return pause_; }
    // Interrupts a visit that takes too long. Any thread.
    void give_up();

  private:
    class Watched;
    struct Failure {
        std::string what;
        bool is_error;  // a StoreError
        bool is_damage = false;
    };
    Failure counted(const greylist::StoreError& error);
    Failure counted(const greylist::StoreFailure& failure);

    std::optional<Failure> attempt(const std::function<void(greylist::Store&)>& body);
    std::optional<Failure> attempt_over_new_session(const std::function<void(greylist::Store&)>& body);
    std::optional<Failure> open_session();
    Visited fail(const Failure& failure, Outage::Cause cause);
    void lengthen_pause(bool is_error);
    void report(const Failure& failure, bool first);
    void warn(const std::string& text);
    void report_over(const Outage::Over& over);
    void wrote();
    void drop_store();
    std::shared_ptr<greylist::Store> store() const;
    void set_store(std::shared_ptr<greylist::Store> store);

    Open open_;
    Outage& outage_;
    Counters& counters_;
    const base::Clock& clock_;
    const log::Logger& logger_;
    Alert alert_;
    Options options_;
    mutable std::mutex mutex_;  // guards store_, which give_up() reads from another thread
    std::shared_ptr<greylist::Store> store_;
    std::atomic<State> state_{State::connecting};
    std::atomic<unsigned> stalls_at_opening_;
    bool write_failed_ = false;  // the last write failed
    int failures_ = 0;           // in a row
    base::Milliseconds pause_{500};
};

}  // namespace sqlgrey::service
