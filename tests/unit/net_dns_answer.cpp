#include "sqlgrey/net/dns_answer.hpp"

#include <catch2/catch.hpp>

namespace sqlgrey::net {

TEST_CASE("a question can be asked about names of 1 to 253 bytes, with labels of 1 to 63") {
    const std::string label(63, 'a');
    const std::string name = label + "." + label + "." + label + "." + label.substr(2);
    CHECK(name.size() == 253);
    CHECK(is_dns_name(name));
    CHECK(is_dns_name("a b%c.example"));
    for (const std::string& wrong :
         {name + "a", "a." + label + "a", std::string{}, std::string{"."}, std::string{"a."},
          std::string{".a"}, std::string{"a..b"}, std::string{"a\0b", 3}})
        CHECK_FALSE(is_dns_name(wrong));
}

TEST_CASE("the name to ask for the names of an address") {
    CHECK(reverse_name(parse_address("192.0.2.1").value()) == "1.2.0.192.in-addr.arpa");
    CHECK(reverse_name(parse_address("2001:db8::1a").value()) ==
          "a.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

}  // namespace sqlgrey::net
