// Log lines about requests and about the database, one function an event.
//
// A decision is a record, and one function for each log_format turns it into lines: classic_lines.cpp writes
// those of SQLgrey 1.8 (src/greylist/README.md section 10), postgrey_lines.cpp those of postgrey 1.37.
// Scripts of administrators parse both, so their shape is not to change.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/outcome.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/policy/attempt.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sqlgrey::service::events {

// All that a log line may say of a decision. The triplet is empty if no rule was asked.
struct DecisionRecord {
    const policy::Attempt& attempt;
    const greylist::Triplet& triplet;
    const greylist::Outcome& outcome;
    bool hashed = false;  // privacy_key_file: the triplet holds hashes, and a line shows those
};

// With log_queue_id: a logger that puts "QUEUEID: " in front of each message, if Postfix has given the
// request one. The other logger must outlive it.
log::Logger about(const log::Logger& logger, std::string_view queue_id, bool log_queue_id);

// Writes the lines of a decision in the logger's format; nothing for a decision that an outage made, which is
// reported as a whole. Lines that any client can cause in any number stay within the logger's limit.
void write_decision(const log::Logger& logger, const DecisionRecord& record);

// The lines of SQLgrey 1.8, each only if it is wanted. A pass of a known sender is logged without the
// recipient, as SQLgrey 1.8 does; a further line of level `verbose` names it. A first attempt is ordinary; a
// sender whose early reconnects never turn into "reconnect ok" retries too fast or from many addresses.
void write_classic(const log::Logger& logger, const DecisionRecord& record);
// One object: the attributes as the policy protocol names them, `verdict` (the enumerator), `action` (pass,
// defer, refuse) and what else the outcome holds.
void write_json(const log::Logger& logger, const DecisionRecord& record);
// "QUEUEID: action=ACTION, reason=REASON, client_name=..., ..."; the queue id if there is one.
void write_postgrey(const log::Logger& logger, const DecisionRecord& record);

// Level `verbose`: which identity the client has, and why, before it is known whether its organisation is a
// crowd.
void identity(const log::Logger& logger, const policy::Attempt& attempt, std::string_view identity,
              std::string_view reason);

// A sender without a domain.
void sender_without_domain(const log::Logger& logger, const greylist::Triplet& triplet,
                           std::string_view sender);
// Lines of a request without '=', within the logger's limit.
void malformed_lines(const log::Logger& logger, const policy::Request& request);

// The database is unavailable: it may pass by itself. Until then on_db_failure answers, `pass` or defer. Each
// of these gives the text as it was logged.
std::string database_unavailable(const log::Logger& logger, const std::string& why, bool pass);
// The database refuses what it is asked: an admin has to act. Logged again every hour.
std::string database_error(const log::Logger& logger, const std::string& what, bool pass);
// The end of either.
std::string database_available(const log::Logger& logger, base::Seconds lasted, std::int64_t answered);
// What the admin should know of a session that was opened.
void database_warning(const log::Logger& logger, const std::string& text);
// Another transaction, of a person at a prompt most likely, keeps rows locked. At most once a minute.
void rows_locked(const log::Logger& logger, std::int64_t requests, bool pass);

}  // namespace sqlgrey::service::events
