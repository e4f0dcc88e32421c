// The parameters of the tarpit, and what makes them useless.
#include "config_files.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace sqlgrey::config;
using config_test::load_text;

namespace {

std::string told(const std::string& text) {
    return config_test::problems(load_text(text));
}

}  // namespace

TEST_CASE("nobody waits in the tarpit by default") {
    const Settings s = load_text("").settings;
    REQUIRE(s.tarpit == base::Seconds{0});
    REQUIRE(s.tarpit_when == TarpitWhen::dynamic);
    REQUIRE(s.tarpit_clients == 20);
    REQUIRE_FALSE(s.targrey);
}

TEST_CASE("a bare number is seconds, and no client must wait longer than five minutes") {
    REQUIRE(load_text("tarpit = 65\n").settings.tarpit == base::Seconds{65});
    REQUIRE(load_text("tarpit = 2min\ntarpit_when = all\n").settings.tarpit_when == TarpitWhen::all);
    REQUIRE(told("tarpit = 65\ntarpit_when = dynamic\ntargrey = on\n").empty());
    REQUIRE(told("tarpit = 301\n").find("1: error: tarpit = ") == 0);
    REQUIRE(told("tarpit = 65\ntarpit_clients = 0\n").find("2: error: tarpit_clients = ") == 0);
    REQUIRE(told("tarpit = 65\ntarpit_clients = 1001\n").find("2: error: tarpit_clients = ") == 0);
}

TEST_CASE("what has no effect on the tarpit, or takes its effect, causes a warning") {
    REQUIRE(told("tarpit_when = all\ntarpit_clients = 5\ntargrey = on\n") ==
            "1: warning: tarpit_when has no effect without tarpit\n"
            "2: warning: tarpit_clients has no effect without tarpit\n"
            "3: warning: targrey has no effect without tarpit\n");
    REQUIRE(told("enrich = on\ntarpit_when = all\n") ==
            "2: warning: tarpit_when has no effect without tarpit\n");
    REQUIRE(told("tarpit = 65\ntarpit_when = suspicious\n") ==
            "2: warning: tarpit_when = suspicious lets nobody wait without discrimination = on\n");
    REQUIRE(told("tarpit = 65\ntarpit_when = suspicious\ndiscrimination = on\n").empty());
    REQUIRE(told("tarpit = 65\nexim = on\n")
                .find("1: warning: tarpit has no effect with exim = on: only Postfix can wait\n") !=
            std::string::npos);
    REQUIRE(
        told("tarpit = 65\ntraining = on\n").find("1: warning: tarpit has no effect with training = on") !=
        std::string::npos);
    REQUIRE(told("tarpit = 65\nreject_first_attempt = immed\nreject_code = DUNNO\n") ==
            "1: warning: tarpit has no effect with reject_code = dunno\n");
}
