#include "sqlgrey/app/ctl.hpp"

int main(int argc, char** argv) {
    return sqlgrey::app::run_ctl(argc, argv);
}
