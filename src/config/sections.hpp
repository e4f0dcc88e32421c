// The sections of the table that have a file of their own. Private to the module.
#pragma once

#include "sqlgrey/config/parameters.hpp"

#include <vector>

namespace sqlgrey::config {

// Rows in the order of reading: a parameter whose default or meaning depends on another comes after it.
std::vector<Parameter> greylisting_rows();
std::vector<Parameter> enrich_rows();
std::vector<Parameter> tarpit_rows();
std::vector<Parameter> list_rows();
std::vector<Parameter> reply_rows();
std::vector<Parameter> connection_rows();  // the database: its location
std::vector<Parameter> database_rows();    // and how it is used

}  // namespace sqlgrey::config
