// dns_servers is checked by the settings and read by dns, which does not know them: both must agree.
#include "sqlgrey/config/values.hpp"
#include "sqlgrey/dns/resolver.hpp"

#include <stdexcept>
#include <string>

#include <catch2/catch.hpp>

using namespace sqlgrey;

namespace {

bool is_accepted(const std::string& text) {
    try {
        return config::read_dns_servers(text).size() == 1;
    } catch (const std::invalid_argument&) {
        return false;
    }
}

}  // namespace

TEST_CASE("the DNS servers that the settings accept are those that can be asked") {
    for (const std::string server : {"192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353",
                                     "::1:53", "192.0.2.1:1", "192.0.2.1:65535", "192.0.2.1:000053"}) {
        INFO(server);
        CHECK(is_accepted(server));
        CHECK(dns::parse_server(server));
    }
    for (const std::string wrong :
         {":53", "localhost", "localhost:53", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:5x",
          "192.0.2.1:+53", "[192.0.2.1]:53", "[2001:db8::1]", "2001:db8::1%lo", "192.0.2", "[2001:db8::1]53",
          "[[2001:db8::1]]:53", "192.0.2.1:999999999999"}) {
        INFO(wrong);
        CHECK_FALSE(is_accepted(wrong));
        CHECK_FALSE(dns::parse_server(wrong));
    }
}
