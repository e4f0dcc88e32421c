// A statement that MySQL or MariaDB has prepared, which SOCI's backend does not ask for: it writes the values
// into the text, and the server reads a text of many kilobytes anew for each batch.
#pragma once

#include "prepared.hpp"

#include <memory>
#include <string>

#include <soci/mysql/soci-mysql.h>

namespace sqlgrey::store {

// `text` has its parameters as Sql has them. The connection and the values must outlive what is given. Throws
// soci::mysql_soci_error, as all of it does.
std::unique_ptr<Statement> mysql_statement(MYSQL* connection, const std::string& text, Values& parameters,
                                           Values& columns);

}  // namespace sqlgrey::store
