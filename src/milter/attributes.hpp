// From what a mail server tells a milter to the attributes of a policy request. Private to the module.
#pragma once

#include "sqlgrey/policy/request.hpp"

#include <string>
#include <string_view>

namespace sqlgrey::milter {

// The macros that we ask for, by the number of the stage (libmilter's SMFIM_*): a mail server sends its own
// choice otherwise, and Sendmail's has neither {client_name} nor {client_resolve}.
struct Wanted {
    unsigned stage;
    std::string_view names;
};
inline constexpr Wanted wanted_macros[] = {
    {0, "{client_name} {client_resolve} {client_ptr} {daemon_addr} {daemon_port} {if_addr}"},
    {1, "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}"},
    {2, "i {auth_type} {auth_authen} {auth_author} {tls_version} {cipher} {cipher_bits}"},
    {3, "i"}};

// Sets it. A line end, which no value of a policy request contains, becomes '?'.
void set(policy::Request& request, std::string_view name, std::string_view value);

// Sets the attributes that these macros mean: pairs of name and value, each with a NUL behind it. Others are
// ignored. False if a NUL is missing.
bool set_macros(policy::Request& request, std::string_view pairs);

// Sets those that have no value to what Postfix sends then. It sends them all, and a rule of discrimination
// does not look at an attribute that was not sent: helo_name !~ \\. is to match a client without a HELO.
void set_missing(policy::Request& request);

// The client of a packet about a connection.
struct Client {
    std::string_view address;  // empty if it has no IP address
    std::string port;
    bool understood = false;
};
Client client_of(std::string_view data);

// "<a@example.org>" as the client of the mail server wrote it, in the form that Postfix gives to policy
// servers: without brackets, route and quoting. What is no address is returned as it is.
std::string address_of(std::string_view written);

}  // namespace sqlgrey::milter
