#include "sqlgrey/app/run.hpp"

int main(int argc, char** argv) {
    return sqlgrey::app::run(argc, argv);
}
