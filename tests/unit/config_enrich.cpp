// Settings about facts that are found out of unknown clients.
#include "config_files.hpp"
#include "sqlgrey/config/show.hpp"
#include "sqlgrey/config/values.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace sqlgrey::config;
using config_test::load_text;
using config_test::problems;
using Codes = DnsListEntry::Codes;
using Words = std::vector<std::string>;

namespace {

constexpr std::uint32_t loopback(std::uint32_t last) {
    return 127U << 24U | last;
}

std::string told(const std::string& text) {
    return problems(load_text(text));
}

}  // namespace

TEST_CASE("everything about facts is off by default") {
    const Settings s = load_text("").settings;
    REQUIRE_FALSE(s.enrich);
    REQUIRE(s.dns_servers.empty());
    REQUIRE(s.dns_timeout == base::Seconds{2});
    REQUIRE(s.dnswl.empty());
    REQUIRE(s.dnsbl.empty());
    REQUIRE(s.p0f_socket.empty());
    REQUIRE(s.dnsbl_threshold == 1);
    REQUIRE(s.dnswl_pass == DnswlPass::off);
    REQUIRE(s.dnsbl_delay == base::Seconds{0});
    REQUIRE_FALSE(s.spf_identity);
    REQUIRE(s.spf_fail_delay == base::Seconds{0});
    REQUIRE(s.first_contact_wait == base::Milliseconds{0});
}

TEST_CASE("a DNS list is a zone, with the codes that count and their weight") {
    using Entries = std::vector<DnsListEntry>;
    REQUIRE(read_dnsbl("").empty());
    REQUIRE(read_dnsbl("ZEN.spamhaus.org") == Entries{{"zen.spamhaus.org", {}, {}}});
    REQUIRE(read_dnsbl("a.example*3, b.example") == Entries{{"a.example", {}, 3}, {"b.example", {}, {}}});
    REQUIRE(read_dnsbl("a.example=127.0.0.2,127.0.0.4-11") ==
            Entries{{"a.example", {Codes{loopback(2), loopback(2)}, Codes{loopback(4), loopback(11)}}, {}}});
    REQUIRE(read_dnsbl("a.example=127.0.0.2, 127.0.0.4*2 a.example=127.0.0.10-10*1,b.example*100") ==
            Entries{{"a.example", {Codes{loopback(2), loopback(2)}, Codes{loopback(4), loopback(4)}}, 2},
                    {"a.example", {Codes{loopback(10), loopback(10)}}, 1},
                    {"b.example", {}, 100}});
    REQUIRE(read_dnswl("list.dnswl.org,wl.example=127.0.0.18-20*Medium,x.example*none") ==
            Entries{{"list.dnswl.org", {}, {}},
                    {"wl.example", {Codes{loopback(18), loopback(20)}}, 2},
                    {"x.example", {}, 0}});
}

TEST_CASE("a DNS list that is none is refused, with what was expected") {
    const std::string expected = "expected zones of DNS lists with commas between, such as ";
    for (const auto& [bad, why] : {
             std::pair{"example", "\"example\": this is not the name of a zone"},
             std::pair{"a..example", "this is not the name of a zone"},
             std::pair{"a.example.", "this is not the name of a zone"},
             std::pair{"ä.example", "this is not the name of a zone"},
             std::pair{"192.0.2.1", "this is not the name of a zone"},
             std::pair{"127.0.0.2", "this is not the name of a zone"},
             std::pair{"a.example,127.0.0.2", "\"127.0.0.2\": this is not the name of a zone"},
             std::pair{"a.example=", "a code is an address that begins with 127"},
             std::pair{"a.example=192.0.2.1", "a code is an address that begins with 127"},
             std::pair{"a.example=127.0.0.4-3", "a code is an address that begins with 127"},
             std::pair{"a.example=127.0.0.4-256", "a code is an address that begins with 127"},
             std::pair{"a.example=127.0.0.4-127.0.0.6", "a code is an address that begins with 127"},
             std::pair{"a.example=127.0.0.2*2,127.0.0.3", "a code stands before the asterisk"},
             std::pair{"a.example*0", "expected a weight from 1 to 100 after the asterisk"},
             std::pair{"a.example*101", "expected a weight from 1 to 100 after the asterisk"},
             std::pair{"a.example*low", "expected a weight from 1 to 100 after the asterisk"},
             std::pair{"a.example=127.0.0.2*", "expected a weight from 1 to 100 after the asterisk"},
         }) {
        INFO(bad);
        const std::string problem = told(std::string{"enrich = on\ndnsbl = "} + bad + "\n");
        REQUIRE(problem.find("2: error: dnsbl = ") == 0);
        REQUIRE(problem.find(expected) != std::string::npos);
        REQUIRE(problem.find(why) != std::string::npos);
    }
    REQUIRE(told("enrich = on\ndnswl = a.example*2\n").find("none, low, medium or high") !=
            std::string::npos);
    std::string many = "dnsbl = ";
    for (int i = 0; i < 65; ++i) many += "z" + std::to_string(i) + ".example,";
    REQUIRE(told("enrich = on\n" + many + "\n").find("there are more than 64 entries") != std::string::npos);
    std::string codes = "dnsbl = a.example=127.0.0.2";
    for (int i = 3; i < 35; ++i) codes += ",127.0.0." + std::to_string(i);
    REQUIRE(told("enrich = on\n" + codes + "\n").find("more than 32 codes") != std::string::npos);
    REQUIRE(told("enrich = on\ndnsbl = " + std::string(60, 'a') + "." + std::string(60, 'b') + "." +
                 std::string(40, 'c') + "\n")
                .find("not the name of a zone") != std::string::npos);
}

TEST_CASE("servers of DNS are addresses, with or without a port") {
    REQUIRE(read_dns_servers("127.0.0.1, 192.0.2.1:5353 2001:db8::1,[::1]:53") ==
            Words{"127.0.0.1", "192.0.2.1:5353", "2001:db8::1", "[::1]:53"});
    for (const char* bad : {"localhost", "127.0.0.1:0", "127.0.0.1:65536", "[::1]", "[127.0.0.1]:53",
                            "127.0.0.1:", "::1:5353:x", "300.1.1.1"}) {
        INFO(bad);
        REQUIRE(told(std::string{"enrich = on\ndns_servers = "} + bad + "\n")
                    .find("expected addresses of DNS servers with commas between") != std::string::npos);
    }
}

TEST_CASE("the socket of p0f is an absolute path that a socket may have") {
    REQUIRE(load_text("enrich = on\np0f_socket = /run/p0f.sock\n").settings.p0f_socket == "/run/p0f.sock");
    REQUIRE(told("enrich = on\np0f_socket = /run/p0f.sock\n").empty());
    for (const std::string& bad : {std::string{"run/p0f.sock"}, "/" + std::string(107, 'x')})
        REQUIRE(told("enrich = on\np0f_socket = " + bad + "\n").find("2: error: p0f_socket = ") == 0);
}

TEST_CASE("without enrich its parameters cause a warning") {
    REQUIRE(told("dns_servers = 127.0.0.1\ndns_timeout = 3s\ndnswl = list.dnswl.org\ndnsbl = a.example\n"
                 "dnsbl_threshold = 2\ndnswl_pass = low\ndnsbl_delay = 1h\nspf_identity = on\n"
                 "spf_fail_delay = 1h\nfirst_contact_wait = 1s\np0f_socket = /p0f\n") ==
            "1: warning: dns_servers has no effect without enrich = on\n"
            "2: warning: dns_timeout has no effect without enrich = on\n"
            "3: warning: dnswl has no effect without enrich = on\n"
            "4: warning: dnsbl has no effect without enrich = on\n"
            "5: warning: dnsbl_threshold has no effect without enrich = on\n"
            "6: warning: dnswl_pass has no effect without enrich = on\n"
            "7: warning: dnsbl_delay has no effect without enrich = on\n"
            "8: warning: spf_identity has no effect without enrich = on\n"
            "9: warning: spf_fail_delay has no effect without enrich = on\n"
            "10: warning: first_contact_wait has no effect without enrich = on\n"
            "11: warning: p0f_socket has no effect without enrich = on\n");
    REQUIRE(told("enrich = on\n").empty());
}

TEST_CASE("an effect of lists without lists causes a warning") {
    REQUIRE(told("enrich = on\ndnswl_pass = low\ndnsbl_delay = 1h\ndnsbl_threshold = 2\n") ==
            "2: warning: dnswl_pass has no effect without a list in dnswl\n"
            "3: warning: dnsbl_delay has no effect without a list in dnsbl\n"
            "4: warning: dnsbl_threshold has no effect without a list in dnsbl\n");
    REQUIRE(told("enrich = on\ndnswl_pass = low\ndnswl = list.dnswl.org\n").empty());
    REQUIRE(
        told("enrich = on\ndnsbl = a.example*2,b.example\ndnsbl_threshold = 3\ndnsbl_delay = 1h\n").empty());
    REQUIRE(told("enrich = on\ndnsbl = a.example*2,b.example\ndnsbl_threshold = 4\n") ==
            "3: warning: dnsbl_threshold is never reached: the weights of all lists in dnsbl add up to 3\n");
}

TEST_CASE("delays of facts are longer than reconnect_delay and shorter than max_connect_age") {
    REQUIRE(told("enrich = on\ndnsbl = a.example\ndnsbl_delay = 5m\nspf_fail_delay = 1m\n") ==
            "3: warning: dnsbl_delay has no effect: it is not longer than reconnect_delay = 5m\n"
            "4: warning: spf_fail_delay has no effect: it is not longer than reconnect_delay = 5m\n");
    REQUIRE(told("enrich = on\ndnsbl = a.example\ndnsbl_delay = 60\nspf_fail_delay = 6m\n").empty());
    REQUIRE(told("enrich = on\ndnsbl = a.example\ndnsbl_delay = 24h\n") ==
            "3: error: dnsbl_delay = 24h, that is 1d: expected less than max_connect_age = 24 (the default, "
            "that is 1d), or no retry of such a client could ever pass\n");
    REQUIRE(told("max_connect_age = 6\nenrich = on\nspf_fail_delay = 7h\n")
                .find("3: error: spf_fail_delay = 7h") == 0);
}

TEST_CASE("first_contact_wait needs a fact that lets mail pass") {
    REQUIRE(told("enrich = on\nfirst_contact_wait = 500ms\n") ==
            "2: warning: first_contact_wait has no effect without dnswl_pass, spf_identity or p0f_socket: no "
            "fact lets a first attempt pass\n");
    REQUIRE(told("enrich = on\nfirst_contact_wait = 500ms\np0f_socket = /run/p0f.sock\n").empty());
    const LoadedSettings loaded = load_text("enrich = on\nfirst_contact_wait = 500ms\nspf_identity = on\n");
    REQUIRE(problems(loaded).empty());
    REQUIRE(loaded.settings.first_contact_wait == base::Milliseconds{500});
    REQUIRE(told("enrich = on\nspf_identity = on\nfirst_contact_wait = 3s\n").find("0 to 2s") !=
            std::string::npos);
}

TEST_CASE("the output of print_config gives the same lists") {
    const LoadedSettings first = load_text(
        "enrich = on\ndnsbl = a.example=127.0.0.2,127.0.0.4-6*2, b.example*3\ndnswl = list.dnswl.org\n"
        "dns_servers = 127.0.0.1:5353,[::1]:53\ndnswl_pass = medium\n");
    REQUIRE(problems(first).empty());
    const LoadedSettings again = load_text(print_config(first));
    REQUIRE(problems(again).empty());
    REQUIRE(again.settings == first.settings);
}
