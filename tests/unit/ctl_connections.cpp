// Finds the daemon's connections in lines of /proc/net.
#include "../../src/ctl/connections.hpp"

#include <catch2/catch.hpp>

namespace sqlgrey::ctl {

TEST_CASE("an established connection counts at its local end") {
    const std::string rest = " 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 20 4 30 10 -1";
    CHECK(established_in("   1: 0100007F:09C5 0100007F:D2F0 01" + rest, 2501) == 1);
    CHECK(established_in("   1: 0100007F:D2F0 0100007F:09C5 01" + rest, 2501) == 0);
    CHECK(established_in("   0: 0100007F:09C5 00000000:0000 0A" + rest, 2501) == 0);
    CHECK(established_in("   2: 0100007F:09C5 0100007F:D2F0 08" + rest, 2501) == 0);
    CHECK(established_in(" 9: 00000000000000000000000001000000:09C5 00000000000000000000000001000000:D2F2 01",
                         2501) == 1);
    for (const char* other :
         {"", "  sl  local_address rem_address   st tx_queue", "1: :09C5", "1: x y 01", "1: 0:zz 0:0 01"})
        CHECK(established_in(other, 2501) == 0);
}

TEST_CASE("of a unix socket the accepted ends count") {
    const std::string path = "/run/sqlgrey/a b.sock";
    const std::string line = "0000000000000000: 00000003 00000000 00000000 0001 ";
    CHECK(accepted_in(line + "03 4711 " + path, path) == 1);
    CHECK(accepted_in(line + "01 4711 " + path, path) == 0);
    CHECK(accepted_in(line + "03 4712", path) == 0);
    CHECK(accepted_in(line + "03 4711 /run/other.sock", path) == 0);
    CHECK(accepted_in("", path) == 0);
}

}  // namespace sqlgrey::ctl
