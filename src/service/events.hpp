// The log lines of behaviour.md section 10, one function an event. sqlgrey-logstats and the admins' scripts
// parse them: their shape is not to change.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/policy/request.hpp"

#include <string>
#include <string_view>

namespace sqlgrey::service::events {

// With log_queue_id: a logger that puts "QUEUEID: " in front of each message, if Postfix has given the
// request one. The other logger must outlive it.
log::Logger about(const log::Logger& logger, const policy::Request& request, bool log_queue_id);

// The verdict on a triplet. That a known sender has passed is told without the recipient, as SQLgrey 1.8
// does; a further line of level `verbose` names it. A first attempt is ordinary; a sender whose early
// reconnects never turn into "reconnect ok" retries too fast or from many addresses.
void decided(const log::Logger& logger, const greylist::Triplet& triplet, std::string_view client_address,
             const greylist::Decision& decision);

// A client, sender or recipient is in a list.
void whitelisted(const log::Logger& logger, const policy::Request& request, const lists::EntryRef& by);
void blacklisted(const log::Logger& logger, const policy::Request& request, const lists::EntryRef& by);

// A request without what a decision needs: Postfix asks at a stage other than RCPT, or it is not Postfix.
void unusable(const log::Logger& logger, const policy::Request& request);
// A sender without a domain or a name.
void sender_without_domain(const log::Logger& logger, const greylist::Triplet& triplet,
                           std::string_view sender);
// Not a policy request at all: something else talks to our port.
void not_a_policy_request(const log::Logger& logger, std::string_view request);
// Its lines without '='; here and above within the logger's limit, because any client can send any number.
void malformed_lines(const log::Logger& logger, const policy::Request& request);

// The database is unavailable: it may pass by itself. Until then on_db_failure answers, `pass` or defer. Each
// of these gives the text as it was logged.
std::string database_unavailable(const log::Logger& logger, const std::string& why, bool pass);
// The database refuses what it is asked: somebody has to act. Logged again every hour.
std::string database_error(const log::Logger& logger, const std::string& what, bool pass);
// The end of either.
std::string database_available(const log::Logger& logger, base::Seconds lasted, long long answered);
// What the admin should know of a session that was opened.
void database_warning(const log::Logger& logger, const std::string& text);
// Another transaction, of a person at a prompt most likely, keeps rows locked. At most once a minute.
void rows_locked(const log::Logger& logger, long long requests, bool pass);

}  // namespace sqlgrey::service::events
