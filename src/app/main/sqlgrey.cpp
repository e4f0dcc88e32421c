#include "sqlgrey/app/run.hpp"
#include "sqlgrey/process/daemon.hpp"
#include "sqlgrey/process/title.hpp"

int main(int argc, char** argv) {
    if (!sqlgrey::process::open_standard_descriptors()) return 1;
    sqlgrey::process::reserve_title_memory(argc, argv);
    return sqlgrey::app::run(argc, argv);
}
