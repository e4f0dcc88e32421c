// The parts of an attempt in the form in which lists look them up: lower case, addresses cut at their '@'.
#pragma once

#include "sqlgrey/lists/lists.hpp"

#include <string>
#include <string_view>

namespace sqlgrey::lists {

// Refers to the attempt, which must outlive it.
struct LookupKeys {
    explicit LookupKeys(const policy::Attempt& asked);
    LookupKeys(const LookupKeys&) = delete;
    LookupKeys& operator=(const LookupKeys&) = delete;

    const policy::Attempt& attempt;
    std::string client_name;  // empty if there is none
    std::string sender;       // "<>" if empty
    std::string recipient;
    std::string_view sender_domain;
    std::string_view recipient_user;
    std::string_view recipient_domain;
};

// True if the client's name is the sender's domain or a host below it.
bool name_fits_sender(const LookupKeys& keys);

}  // namespace sqlgrey::lists
