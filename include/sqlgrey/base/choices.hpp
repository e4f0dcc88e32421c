// Parameter values that several modules use. The settings hold these very types, so no module converts them.
#pragma once

namespace sqlgrey::base {

// Parameter greymethod: which part of a client's address identifies it.
enum class GreyMethod { smart, full, classc, prefix };

// Parameter optmethod: whose mail is greylisted.
enum class OptMethod { none, optin, optout };

// Parameter db_type.
enum class Database { sqlite, postgresql, mysql };

// Parameter db_prepare: whether the server prepares each statement once or parses it every time. automatic:
// prepared, except on PostgreSQL behind a connection pooler, which may use one server connection for several
// clients. SQLite always prepares.
enum class Preparing { automatic, always, never };

// Parameter log_format: the form of log lines. Classic is that of SQLgrey 1.8.
enum class LogFormat { classic, json, postgrey };

}  // namespace sqlgrey::base
