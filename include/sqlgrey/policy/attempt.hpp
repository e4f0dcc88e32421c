// A request as lists, rules and log use it: its attributes by name and type.
#pragma once

#include "sqlgrey/net/address.hpp"
#include "sqlgrey/policy/request.hpp"

#include <optional>
#include <string_view>

namespace sqlgrey::policy {

// Texts are as Postfix sent them, in any letter case, empty if they were not sent. They live as long as the
// request.
struct Attempt {
    std::optional<net::Address> client{};  // none: client_address is no address
    std::string_view client_name{};        // verified in both directions, else "unknown"
    std::string_view sender{};             // empty for <>
    std::string_view recipient{};

    bool is_policy_request = true;  // request=smtpd_access_policy
    std::string_view request{};
    std::string_view client_address{};
    std::string_view instance{};  // of the message; the same for all its recipients
    std::string_view queue_id{};
    bool operator==(const Attempt&) const = default;
};

// `request` of sqlgreyctl check: answered dunno like all that is no policy request, but not reported.
inline constexpr std::string_view check_request = "sqlgrey_check";

Attempt attempt_of(const Request& request);

}  // namespace sqlgrey::policy
