#include "sqlgrey/policy/attempt.hpp"

#include <charconv>

namespace sqlgrey::policy {
namespace {

// Postfix sends 0 for a size that the client has not announced.
std::optional<std::uint64_t> size_of(std::string_view text) {
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc{} || end != text.data() + text.size() || size == 0) return {};
    return size;
}

}  // namespace

Attempt attempt_of(const Request& request) {
    Attempt attempt;
    attempt.request = request.get("request");
    attempt.is_policy_request = attempt.request == "smtpd_access_policy";
    attempt.client_address = request.get("client_address");
    attempt.client = net::parse_address(attempt.client_address);
    attempt.client_name = request.get("client_name");
    attempt.helo = request.get("helo_name");
    attempt.sender = request.get("sender");
    attempt.recipient = request.get("recipient");
    attempt.sasl_username = request.get("sasl_username");
    attempt.instance = request.get("instance");
    attempt.queue_id = request.get("queue_id");
    attempt.size = size_of(request.get("size"));
    return attempt;
}

}  // namespace sqlgrey::policy
