// A statement that MySQL or MariaDB has prepared. SOCI's backend prepares nothing there: it writes the values
// into the text, and the server parses many kilobytes for each batch.
#pragma once

#include "prepared.hpp"

#include <memory>
#include <string>

#include <soci/mysql/soci-mysql.h>

namespace sqlgrey::store {

// `text` has the parameters of an Sql. The connection and the values must outlive the statement. This and all
// functions of the statement throw soci::mysql_soci_error.
std::unique_ptr<Statement> mysql_statement(MYSQL* connection, const std::string& text, Values& parameters,
                                           Values& columns);

}  // namespace sqlgrey::store
