// What the service needs to know of the settings: built once, immutable, shared by both threads
// of a worker.
#pragma once

#include "sqlgrey/base/keyed_hash.hpp"
#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/lists/discrimination.hpp"
#include "sqlgrey/net/identity.hpp"
#include "sqlgrey/net/pool.hpp"
#include "sqlgrey/policy/reply.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sqlgrey::service {

struct Rules {
    greylist::Policy policy;
    net::IdentityRules identity;
    // Null: rows of pools do not count. Else they do, and where pools are on new ones stand there.
    std::shared_ptr<const net::PoolFinder> pools;
    bool pools_on = false;
    std::shared_ptr<const lists::Discrimination> discrimination;  // null: every request is suspicious
    bool message_coherence = true;
    bool training = false;                   // answers dunno, whatever was decided
    std::optional<base::KeyedHash> privacy;  // rows hold hashes

    bool prepend = true;  // say why in a header
    // "Name: text", where %w is our own words, %t the seconds of the delay, %d the date, %h `hostname`, %v
    // `version`. With %t only mail that was delayed gets it.
    std::string x_greylist_header = "X-Greylist: %w";
    std::string hostname;
    std::string version;

    policy::Reply first_attempt_reply{policy::Action::defer};  // without its text
    policy::Reply early_reconnect_reply{policy::Action::defer};
    std::string greylist_text;  // %s the seconds left, %m the minutes, %r the recipient's domain; empty: ours
    bool discrimination_add_rulenr = false;
    bool reply_id = false;  // a deferral has an id, in its reply and its log line
    policy::Reply blacklist_reply{policy::Action::reject, "554", "5.7.1 Mail from here is not accepted"};
    bool pass_without_database = true;    // on_db_failure
    base::Milliseconds time_limit{2000};  // db_timeout, for the log
    bool log_queue_id = false;            // lines about a mail begin with it
};

}  // namespace sqlgrey::service
