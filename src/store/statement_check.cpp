#include "statement_check.hpp"

#include "look_up.hpp"

namespace sqlgrey::store {

void check_statements(Session& session, Use use) {
    for (const StatementDefinition& statement : all_statements()) {
        if (statement.use != use) continue;
        const bool has_parts =
            statement.id == StatementId::look_up || statement.id == StatementId::look_up_elsewhere;
        session.check_statement({statement.id, has_parts ? all_parts() : 0});
        if (statement.id == StatementId::look_up)
            session.check_statement({statement.id, all_parts() | behind_awl});
    }
}

}  // namespace sqlgrey::store
