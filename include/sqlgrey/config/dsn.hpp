// db_dsn: one line with the kind of database, its location and options.
//
//   DBI:Pg:dbname=sqlgrey;host=db1,db2;port=5432;sslmode=require
//   DBI:mysql:database=sqlgrey;host=db;mysql_socket=/run/mysqld/mysqld.sock;mysql_ssl=1
//   DBI:SQLite:dbname=/var/lib/sqlgrey/sqlgrey.db         or DBI:SQLite:/var/lib/...
//   postgresql://user:password@h1:5432,h2:5433/sqlgrey?sslmode=require
//   mysql://user:password@host:3306/sqlgrey
//   sqlite:///var/lib/sqlgrey/sqlgrey.db
//
// In the DBI form a value that contains a ';', or blanks at its ends, is quoted as '...', where \' and \\ are
// one character. In a URI any character may be written as % and two hexadecimal digits.
//
// Errors quote nothing of the text except unknown keys, because it may contain a password.
#pragma once

#include "sqlgrey/config/settings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sqlgrey::config {

// The parts of a data source. Passwords are included: never log it.
struct Dsn {
    Database type = Database::sqlite;
    std::optional<std::string> name;  // absent: db_name is used
    std::vector<std::string> hosts;   // as Settings::db_hosts; empty: the client library's default
    int port = 0;                     // 0: the default, or given with each host
    std::optional<std::string> user;  // absent: db_user is used
    std::optional<std::string> pass;  // absent: db_pass or db_pass_file is used
    std::vector<std::pair<std::string, std::string>> options;  // all other known keys, in order
    std::vector<std::string> ignored{};  // keys without effect here; "": not to be shown
    bool operator==(const Dsn&) const = default;
};

// Throws std::invalid_argument with what was expected.
Dsn read_dsn(std::string_view text);

// True for a text that begins like a data source, valid or not.
bool is_data_source(std::string_view text);

// The text with every password replaced by "***"; for a text that read_dsn() accepts.
std::string masked_dsn(std::string_view text);

// One entry of Settings::db_hosts; port 0 if the entry has none.
struct DbHost {
    std::string host;  // without the brackets of an IPv6 address
    int port = 0;
    bool operator==(const DbHost&) const = default;
};
// Splits an entry that read_db_hosts() (config/values.hpp) has accepted. Never throws.
DbHost read_db_host(std::string_view entry);

}  // namespace sqlgrey::config
