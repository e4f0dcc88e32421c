// A statement on PostgreSQL: prepared by name, or sent as text each time, as PostgresqlSession::prepares
// says; SOCI's own can only do one of the two. If the session cannot keep its settings, they are sent in
// front of each transaction.
#pragma once

#include "postgresql_session.hpp"
#include "prepared.hpp"

#include <memory>
#include <string>

namespace sqlgrey::store {

// `text` has the parameters of an Sql. The session and the values must outlive the statement. This and all
// functions of the statement throw soci::postgresql_soci_error. Each run is one round trip, also outside a
// transaction.
std::unique_ptr<Statement> postgresql_statement(PostgresqlSession& session, const std::string& text,
                                                Values& parameters, Values& columns);

}  // namespace sqlgrey::store
