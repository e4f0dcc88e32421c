#include "sqlgrey/policy/attempt.hpp"

namespace sqlgrey::policy {

Attempt attempt_of(const Request& request) {
    Attempt attempt;
    attempt.request = request.get("request");
    attempt.is_policy_request = attempt.request == "smtpd_access_policy";
    attempt.client_address = request.get("client_address");
    attempt.client = net::parse_address(attempt.client_address);
    attempt.client_name = request.get("client_name");
    attempt.sender = request.get("sender");
    attempt.recipient = request.get("recipient");
    attempt.instance = request.get("instance");
    attempt.queue_id = request.get("queue_id");
    return attempt;
}

}  // namespace sqlgrey::policy
