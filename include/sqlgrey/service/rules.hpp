// The settings the service needs: built once, then immutable, so both threads of a worker may read them.
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

// Which deferred clients wait in the tarpit (greylist::Policy::tarpit): those whose name looks like that of a
// dial-up line (net::looks_dynamic()), those that a rule of discrimination matches, or all.
enum class TarpitWhen { dynamic, suspicious, all };

struct Rules {
    greylist::Policy policy;
    net::IdentityRules identity;
    // Null: rows of pools are not read. With pools off they may be read, but none are written.
    std::shared_ptr<const net::PoolFinder> pools;
    bool pools_on = false;
    std::shared_ptr<const lists::Discrimination> discrimination;  // null: every request is suspicious
    bool message_coherence = true;
    bool training = false;                    // every reply is dunno
    bool enrich = false;                      // unknown clients are looked up and told to the resolver child
    base::Milliseconds first_contact_wait{};  // how long a reply may wait for facts; 0: none waits
    TarpitWhen tarpit_when = TarpitWhen::dynamic;
    std::optional<base::KeyedHash> privacy;  // with privacy_key_file: rows hold hashes

    bool prepend = true;  // a pass adds a header with the reason
    // "Name: text". %w is our text (src/greylist/README.md section 3), %t the delay in seconds, %d the date,
    // %h `hostname`, %v `version`. With %t only delayed mail gets a header.
    std::string x_greylist_header = "X-Greylist: %w";
    std::string hostname;
    std::string version;

    policy::Reply first_attempt_reply{policy::Action::defer};  // without the text
    policy::Reply early_reconnect_reply{policy::Action::defer};
    // %s is the seconds left, %m the minutes, %r the recipient's domain. Empty: the default text.
    std::string greylist_text;
    bool discrimination_add_rulenr = false;
    bool reply_id = false;  // the reply and log line of a deferral show its id
    policy::Reply blacklist_reply{policy::Action::reject, "554", "5.7.1 Mail from here is not accepted"};
    bool pass_without_database = true;    // on_db_failure
    base::Milliseconds time_limit{2000};  // db_timeout, for the log
    bool log_queue_id = false;            // log lines about a mail begin with its queue id
};

}  // namespace sqlgrey::service
