// What the children of the master do: serve requests, keep house.
#pragma once

#include "generation.hpp"
#include "sqlgrey/process/master.hpp"
#include "sqlgrey/service/shared_outage.hpp"

namespace sqlgrey::app {

// The plan of one generation; `board` lies in memory that all children share.
process::Plan plan_of(std::shared_ptr<const Generation> generation, service::SharedOutage& board);

}  // namespace sqlgrey::app
