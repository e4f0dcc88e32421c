// The keys of a data source besides those of every database (dbname, host, port, user, password).
#pragma once

#include "sqlgrey/config/settings.hpp"

#include <string>
#include <string_view>

namespace sqlgrey::config {

enum class KeyUse {
    option,   // the database's client library is given it
    ignored,  // Perl's driver knows it, and here it has no effect
    unknown
};

// `key` in lower case.
KeyUse use_of(Database type, std::string_view key);

// All keys that have an effect, for people.
std::string known_keys(Database type);

// True if its value may be a password.
bool is_secret_key(std::string_view key);

}  // namespace sqlgrey::config
