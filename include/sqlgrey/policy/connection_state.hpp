// What is remembered about a client connection between its requests.
//
// Postfix asks once for each recipient of a message, over one connection and with the same `instance`
// (SMTPD_POLICY_README), so one message of each kind is enough.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sqlgrey::policy {

struct ConnectionState {
    std::string instance_with_header{};  // the message that already has its X-Greylist header
    std::string instance_accepted{};     // the message of which a recipient was accepted on its own merits
    bool reported_not_a_policy_request = false;
    std::string instance_tarpitted{};  // the message that Postfix was told to wait with
    bool never_sleeps = false;         // the client cannot be told to wait; not part of the text
    bool operator==(const ConnectionState&) const = default;
};

inline constexpr std::size_t longest_state_text = 2048;  // bytes; three instances take less than that

// The state as text, for the worker to which the connection is handed over; empty if nothing is remembered.
std::string to_text(const ConnectionState& state);
// Accepts any text, because it may come from another version: one that is not understood gives an empty
// state.
ConnectionState connection_state(std::string_view text);

}  // namespace sqlgrey::policy
