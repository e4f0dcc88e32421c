#include "sqlgrey/policy/attempt.hpp"

#include <algorithm>

namespace sqlgrey::policy {

bool is_p0f_attribute(std::string_view name) {
    return std::ranges::find(p0f_attributes, name) != p0f_attributes.end();
}

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
    for (std::size_t i = 0; i < p0f_attributes.size(); ++i) attempt.p0f[i] = request.get(p0f_attributes[i]);
    return attempt;
}

}  // namespace sqlgrey::policy
