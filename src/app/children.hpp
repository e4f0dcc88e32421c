// What the children of the master do: serve requests, keep house.
#pragma once

#include "generation.hpp"
#include "sqlgrey/process/master.hpp"
#include "sqlgrey/service/shared_outage.hpp"

namespace sqlgrey::app {

// What all children share, in memory that the master has made. Zero at the beginning; all of it is atomic.
struct SharedState {
    service::SharedOutage outage;
    store::SqliteFileRecord sqlite_file;
};

// The plan of one generation.
process::Plan plan_of(std::shared_ptr<const Generation> generation, SharedState& shared);

}  // namespace sqlgrey::app
