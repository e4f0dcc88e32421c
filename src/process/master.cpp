// Runs the supervisor.
#include "sqlgrey/process/master.hpp"

#include "supervisor.hpp"

#include <utility>

namespace sqlgrey::process {

int run_master(Plan plan, MasterOptions options, const log::Logger& logger) {
    return Supervisor(std::move(plan), std::move(options), logger).run();
}

}  // namespace sqlgrey::process
