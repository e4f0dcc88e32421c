// What is remembered of one client connection between its requests.
//
// Postfix asks once for each recipient of a message, all over one connection and with one `instance`
// (SMTPD_POLICY_README), so one message of each kind is enough.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sqlgrey::policy {

struct ConnectionState {
    std::string instance_with_header;  // the message that has its X-Greylist header already
    std::string instance_accepted;     // the message of which a recipient has earned acceptance
    bool reported_not_a_policy_request = false;
    bool operator==(const ConnectionState&) const = default;
};

inline constexpr std::size_t longest_state_text = 2048;  // bytes; two instances are at most half of that

// The state as text, for the worker that takes the connection over; empty if nothing is remembered.
std::string to_text(const ConnectionState& state);
// From any text, for it may come from another version: one that is not understood gives an empty state.
ConnectionState connection_state(std::string_view text);

}  // namespace sqlgrey::policy
