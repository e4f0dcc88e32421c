// A request as lists, rules and log use it: attributes with names and types.
#pragma once

#include "sqlgrey/net/address.hpp"
#include "sqlgrey/policy/request.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace sqlgrey::policy {

// Attributes that Postfix does not send: what p0f says about a client, as far as it is known when the request
// is decided. A policy client that knows them may send them.
inline constexpr std::array<std::string_view, 3> p0f_attributes{"p0f_os", "p0f_link", "p0f_distance"};
bool is_p0f_attribute(std::string_view name);

// Texts are as Postfix sent them, in any letter case, empty if absent. They live as long as the request.
struct Attempt {
    std::optional<net::Address> client{};  // nothing if client_address is not an address
    std::string_view client_name{};        // verified in both directions, else "unknown"
    std::string_view sender{};             // empty for <>
    std::string_view recipient{};

    bool is_policy_request = true;  // request=smtpd_access_policy
    std::string_view request{};
    std::string_view client_address{};
    std::string_view instance{};  // identifies the message; the same for all its recipients
    std::string_view queue_id{};

    // What p0f says about the client, empty if not known: `p0f_attributes` in that order.
    std::array<std::string_view, 3> p0f{};
    bool operator==(const Attempt&) const = default;
};

// The value of `request` that sqlgreyctl check sends: answered dunno, like anything that is not a policy
// request, but not logged.
inline constexpr std::string_view check_request = "sqlgrey_check";

// The attributes of that request, which must outlive the result.
Attempt attempt_of(const Request& request);

}  // namespace sqlgrey::policy
