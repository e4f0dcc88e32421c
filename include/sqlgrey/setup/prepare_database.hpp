// Prepares the database before the workers start: a short-lived child creates the tables or takes them over,
// because the master never opens a database.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/store/schema_report.hpp"
#include "sqlgrey/store/target.hpp"

#include <optional>
#include <span>
#include <string>

namespace sqlgrey::setup {

// What a start needs of the database.
enum class Needed {
    // No problem that only an administrator can correct (greylist::StoreError, Fault schema or damaged).
    // Waits
    // for at most Target::time_limit plus 2 s: if the server is unavailable or frozen, or a large table is
    // being
    // taken over, the workers wait for the database and the child continues.
    no_lasting_problem,
    // A session, and tables that are ready: another daemon serves until then. Waits for 10 minutes at most.
    ready_database
};

// Waits for the child, which logs what it has done, and ends with this process. Returns why a start would be
// useless, or nothing. `listeners` are closed in the child. Signals are blocked from here
// on: one to stop ends the wait and stays pending, a reload stays pending too. Throws base::StartError if it
// cannot fork.
std::optional<std::string> prepare_database(const store::Target& target, const log::Logger& logger,
                                            std::span<const base::unique_fd> listeners,
                                            Needed needed = Needed::no_lasting_problem);

// For store::open_store() and store::open_cleaning(): the process that finds missing or old tables creates or
// alters them, and logs that. The logger must outlive the result.
store::OnOpen logging_schema(const log::Logger& logger);

}  // namespace sqlgrey::setup
