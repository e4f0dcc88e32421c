// Prepares the database before the workers start: the tables are made or taken over by one
// short-lived child, because the master never opens a database.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/store/schema_report.hpp"
#include "sqlgrey/store/target.hpp"

#include <optional>
#include <span>
#include <string>

namespace sqlgrey::setup {

// Waits for the child, but for a server that is away or frozen, or a large table that is being taken over, no
// longer than Target::time_limit and 2 s: then the workers wait for the database, and the child goes on. It
// logs what it has done; it ends with this process. Gives the reason why a start is of no use
// (greylist::StoreError, Fault schema or damaged), or nothing. `listeners` are closed in the child. A signal
// to stop ends the wait, and stays pending; a reload stays pending too, so the signals are blocked from here
// on. Throws base::StartError if it cannot fork.
std::optional<std::string> prepare_database(const store::Target& target, const log::Logger& logger,
                                            std::span<const base::unique_fd> listeners);

// For store::open_store() and store::open_cleaning(): the process that finds the tables missing or old makes
// them, and logs that. The logger outlives it.
store::OnOpen logging_schema(const log::Logger& logger);

}  // namespace sqlgrey::setup
