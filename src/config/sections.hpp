// The sections of the table that have a file of their own. Private to the module.
#pragma once

#include "sqlgrey/config/parameters.hpp"

#include <vector>

namespace sqlgrey::config {

// Each in the order in which its rows are read: a parameter whose default or meaning hangs on another one
// stands behind it.
std::vector<Parameter> greylisting_rows();
std::vector<Parameter> list_rows();
std::vector<Parameter> reply_rows();
std::vector<Parameter> connection_rows();  // the database: where it is,
std::vector<Parameter> database_rows();    // and how it is worked with

}  // namespace sqlgrey::config
