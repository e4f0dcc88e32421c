// The choices of an administrator that more than one module knows by name. They stand here so that the
// settings hold the very values that the other modules work with, and nothing has to translate them.
#pragma once

namespace sqlgrey::base {

// Parameter greymethod: which part of a client's address is its identity.
enum class GreyMethod { smart, full, classc, prefix };

// Parameter optmethod: whose mail is greylisted.
enum class OptMethod { none, optin, optout };

// Parameter db_type.
enum class Database { sqlite, postgresql, mysql };

// Parameter db_prepare: whether a server prepares our statements once, or reads each anew. Automatic:
// prepared, but on PostgreSQL not behind a connection pooler, which may give a server connection to several
// clients. SQLite always prepares.
enum class Preparing { automatic, always, never };

}  // namespace sqlgrey::base
