// What the service needs to know of the settings: built once, immutable, shared by both threads
// of a worker.
#pragma once

#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/net/identity.hpp"

#include <string>

namespace sqlgrey::service {

struct Rules {
    greylist::Policy policy;
    net::GreyMethod greymethod = net::GreyMethod::smart;
    net::SmartPatterns patterns;

    bool prepend = true;                                   // say why in an X-Greylist header
    std::string first_attempt_action = "defer_if_permit";  // or the reject code
    std::string early_reconnect_action = "defer_if_permit";
    bool pass_without_database = true;    // on_db_failure
    base::Milliseconds time_limit{2000};  // db_timeout, for the log
    std::string version;                  // in the X-Greylist header
};

}  // namespace sqlgrey::service
