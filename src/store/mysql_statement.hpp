// A statement that MySQL or MariaDB has prepared. SOCI's backend prepares nothing there: it writes the values
// into the text, of which the server then parses many kilobytes for each batch.
#pragma once

#include "prepared.hpp"

#include <memory>
#include <string>

#include <soci/mysql/soci-mysql.h>

namespace sqlgrey::store {

// `text` has parameters as Sql has them. The connection and the values must outlive the statement. Like all
// its functions, throws soci::mysql_soci_error.
std::unique_ptr<Statement> mysql_statement(MYSQL* connection, const std::string& text, Values& parameters,
                                           Values& columns);

}  // namespace sqlgrey::store
