// The tables, each described once, in its own file: its statements, what a lookup asks it, and how changes of
// it are written. A new column, fact or change belongs in that file; a new table is a file here, a line in
// tables.cpp and the table itself in sql/.
#pragma once

#include "change_step.hpp"
#include "look_up.hpp"
#include "statement.hpp"

#include <vector>

namespace sqlgrey::store {

struct Table {
    std::vector<StatementDefinition> statements;
    std::vector<LookUpPart> parts;
    std::vector<ChangeStep> changes;
};

// In the order in which a lookup asks them: domain_awl and from_awl before what is behind their rows.
const std::vector<const Table*>& tables();

const Table& domain_awl_table();
const Table& from_awl_table();
const Table& connect_table();
const Table& sources();  // no table: how many rows of a source three of them have
const Table& client_awl_table();
const Table& opt_tables();
const Table& pool_table();
const Table& organisation_table();
const Table& config_table();
const Table& lists_table();
const Table& expectation_table();
const Table& fact_table();
const Table& spf_network_table();
const Table& daily_tables();    // daily and daily_delay
const Table& administration();  // no table: what an administrator reads and changes in all of them

}  // namespace sqlgrey::store
