// sqlgreyctl config: the settings in force, and where each comes from.
#include "functions.hpp"
#include "rows.hpp"
#include "sqlgrey/config/load.hpp"
#include "sqlgrey/log/logger.hpp"

#include <iostream>

namespace sqlgrey::ctl {

int show_config(const Invocation& invocation) {
    const config::LoadedSettings loaded =
        config::load(invocation.config_file, invocation.config_file_named, {});
    for (const config::SettingsProblem& problem : loaded.problems)
        std::cerr << config::shown(problem) << "\n";
    const bool any = invocation.arguments.empty();
    RowWriter writer(std::cout, format_of(invocation), {"parameter", "value", "origin"});
    for (const config::InForce& row : loaded.in_force)
        if (any || row.name == invocation.arguments[0]) writer.row({row.name, row.value, row.origin});
    if (!loaded.usable()) return failed;
    if (writer.rows() > 0) return done;
    std::cerr << "sqlgreyctl: there is no parameter " << log::escape(invocation.arguments[0])
              << "; sqlgreyctl config lists all\n";
    return nothing;
}

}  // namespace sqlgrey::ctl
