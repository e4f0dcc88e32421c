// A statement on PostgreSQL, prepared by name or sent anew each time, as the connection has it; with the
// settings for its transaction in front where the session cannot keep them. SOCI's own can only do the first,
// or the second.
#pragma once

#include "postgresql_session.hpp"
#include "prepared.hpp"

#include <memory>
#include <string>

namespace sqlgrey::store {

// `text` has its parameters as Sql has them. The session and the values must outlive what is given. Throws
// soci::postgresql_soci_error, as all of it does. Each run is one round trip, outside of a transaction too.
std::unique_ptr<Statement> postgresql_statement(PostgresqlSession& session, const std::string& text,
                                                Values& parameters, Values& columns);

}  // namespace sqlgrey::store
