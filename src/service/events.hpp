// Log lines about requests and the database, one function for each event. Any thread.
//
// One function for each log_format turns a DecisionRecord into lines: classic_lines.cpp writes those of
// SQLgrey 1.8 (src/greylist/README.md section 10), postgrey_lines.cpp those of postgrey 1.37. Administrators'
// scripts parse both, so their form must not change.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/outcome.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/policy/attempt.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sqlgrey::service::events {

// All that a log line may show about a decision. The triplet is empty if no rule was tried.
struct DecisionRecord {
    const policy::Attempt& attempt;
    const greylist::Triplet& triplet;
    const greylist::Outcome& outcome;
    bool hashed = false;  // privacy_key_file: the triplet holds hashes, and the line shows them
    const greylist::ClientFacts* facts = nullptr;  // null: were not looked up
};

// A logger that begins each message with "QUEUEID: ", with log_queue_id and if the request has a valid queue
// id. `logger` must outlive it.
log::Logger about(const log::Logger& logger, std::string_view queue_id, bool log_queue_id);

// Writes the lines of a decision in the logger's format; nothing for answers of the failure policy, because
// an outage is reported as a whole. Lines that clients can cause at will are rate-limited by the logger.
void write_decision(const log::Logger& logger, const DecisionRecord& record);

// The lines of SQLgrey 1.8. Like SQLgrey 1.8 it logs a pass by an auto-whitelist without the recipient; an
// additional line of level `verbose` has it. A sender with early reconnects but never a "reconnect ok"
// retries too fast or from many addresses.
void write_classic(const log::Logger& logger, const DecisionRecord& record);
// One JSON object: the attributes by their names in the policy protocol, `verdict` (the enumerator), `action`
// (pass, defer, refuse) and the details of the outcome.
void write_json(const log::Logger& logger, const DecisionRecord& record);
// "QUEUEID: action=ACTION, reason=REASON, client_name=..., ..."; without "QUEUEID: " if there is none.
void write_postgrey(const log::Logger& logger, const DecisionRecord& record);

// Level `verbose`: the client's identity and the reason for it; does not consider crowds.
void identity(const log::Logger& logger, const policy::Attempt& attempt, std::string_view identity,
              std::string_view reason);

// A sender without a domain.
void sender_without_domain(const log::Logger& logger, const greylist::Triplet& triplet,
                           std::string_view sender);
// Lines of a request without '='; rate-limited.
void malformed_lines(const log::Logger& logger, const policy::Request& request);

// The database is unavailable, which may pass by itself; until then on_db_failure answers (`pass`, or defer).
// This and the next two return the text that was logged.
std::string database_unavailable(const log::Logger& logger, const std::string& why, bool pass);
// The database cannot be used until an administrator acts.
std::string database_error(const log::Logger& logger, const std::string& what, bool pass);
// The end of either.
std::string database_available(const log::Logger& logger, base::Seconds lasted, std::int64_t answered);
// A warning for the administrator.
void database_warning(const log::Logger& logger, const std::string& text);
// Another transaction, most likely at somebody's SQL prompt, keeps rows locked that `requests` need.
void rows_locked(const log::Logger& logger, std::int64_t requests, bool pass);

}  // namespace sqlgrey::service::events
