#include "sqlgrey/ctl/ctl.hpp"
#include "sqlgrey/process/daemon.hpp"

int main(int argc, char** argv) {
    if (!sqlgrey::process::open_standard_descriptors()) return 1;
    return sqlgrey::ctl::run_ctl(argc, argv);
}
