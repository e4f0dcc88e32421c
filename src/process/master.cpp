// Runs the supervisor.
#include "sqlgrey/process/master.hpp"

#include "supervisor.hpp"

#include <utility>

namespace sqlgrey::process {

int run_master(Plan plan, MasterOptions options) {
    return Supervisor(std::move(plan), std::move(options)).run();
}

}  // namespace sqlgrey::process
