// The keys of a data source other than those of every database (dbname, host, port, user, password).
#pragma once

#include "sqlgrey/config/settings.hpp"

#include <string>
#include <string_view>

namespace sqlgrey::config {

enum class KeyUse {
    option,   // passed to the database's client library
    ignored,  // known to Perl's driver, without effect here
    unknown
};

// `key` must be in lower case.
KeyUse use_of(Database type, std::string_view key);

// All keys that have an effect, for messages.
std::string known_keys(Database type);

// True if the value may be a password.
bool is_secret_key(std::string_view key);

}  // namespace sqlgrey::config
