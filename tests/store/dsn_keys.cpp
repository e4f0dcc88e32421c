// db_dsn for PostgreSQL takes the keys of the client library that is installed.
#include "sqlgrey/config/dsn.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <libpq-fe.h>

namespace sqlgrey {

TEST_CASE("a data source takes every keyword of libpq") {
    PQconninfoOption* const all = PQconndefaults();
    REQUIRE(all != nullptr);
    for (const PQconninfoOption* option = all; option->keyword; ++option) {
        const std::string value = std::string{option->keyword} == "port" ? "1" : "x";
        INFO(option->keyword);
        CHECK_NOTHROW(config::read_dsn("DBI:Pg:" + std::string{option->keyword} + "=" + value));
    }
    PQconninfoFree(all);
}

}  // namespace sqlgrey
