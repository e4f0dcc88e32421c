// The accepted values of each kind, and how others are refused.
#include "config_files.hpp"
#include "sqlgrey/config/dsn.hpp"
#include "sqlgrey/config/values.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

using namespace sqlgrey::config;
using namespace std::chrono_literals;
using config_test::load_text;
using config_test::problems;
using Words = std::vector<std::string>;

TEST_CASE("a time is a bare number in its own unit or numbers with units") {
    const TimeRange range{0ms, std::chrono::days{3650}};
    REQUIRE(read_duration("5", "min", range) == 5min);
    REQUIRE(read_duration("24", "h", range) == 24h);
    REQUIRE(read_duration("60", "d", range) == 60 * 24h);
    REQUIRE(read_duration("1800", "s", range) == 1800s);
    REQUIRE(read_duration("5m", "h", range) == 5min);
    REQUIRE(read_duration("5min", "h", range) == 5min);
    REQUIRE(read_duration("24h", "min", range) == 24h);
    REQUIRE(read_duration("60d", "min", range) == 60 * 24h);
    REQUIRE(read_duration("2w", "min", range) == 14 * 24h);
    REQUIRE(read_duration("1h30m", "min", range) == 90min);
    REQUIRE(read_duration("1d 2 h 3m 4s 5ms", "min", range) == 26h + 3min + 4s + 5ms);
    REQUIRE(read_duration("100ms", "s", range) == 100ms);
    REQUIRE(read_duration("5M", "s", range) == 5min);
    REQUIRE(read_duration("0", "s", range) == 0ms);
}

TEST_CASE("texts that are not times, and times out of range, are refused") {
    const TimeRange range{1s, std::chrono::days{3650}};
    for (const char* bad : {"",
                            " ",
                            "m",
                            "abc",
                            "-5",
                            "+5",
                            "5 parsecs",
                            "1h30",
                            "30 1h",
                            "1.5h",
                            "5,",
                            "0x10",
                            "5m-1s",
                            "999ms",
                            "3651d",
                            "9223372036854775807",
                            "9223372036854775807w",
                            "92233720368547758079",
                            "9223372036854775807ms1ms",
                            "106751991167300d",
                            "18446744073709551617s",
                            "1e3"}) {
        INFO(bad);
        REQUIRE_THROWS_AS(read_duration(bad, "min", range), std::invalid_argument);
    }
    REQUIRE_THROWS_AS(read_duration("1500ms", "s", TimeRange{0ms, 1h, 1s}), std::invalid_argument);
    REQUIRE(read_duration("2000ms", "s", TimeRange{0ms, 1h, 1s}) == 2s);
}

TEST_CASE("a shown time reads as the same time") {
    REQUIRE(shown_duration(0ms) == "0");
    REQUIRE(shown_duration(100ms) == "100ms");
    REQUIRE(shown_duration(90min) == "1h30m");
    REQUIRE(shown_duration(26h + 3min + 4s + 5ms) == "1d2h3m4s5ms");
    for (const auto time : {0ms, 1ms, 999ms, 61'000ms, 86'400'000ms, 123'456'789ms}) {
        REQUIRE(read_duration(shown_duration(time), "s", {0ms, 10000h}) == time);
    }
}

TEST_CASE("an invalid time is reported with file, line, name, value, what was expected and the default") {
    REQUIRE(problems(load_text("\nreconnect_delay = soon\n")) ==
            "2: error: reconnect_delay = soon: expected a time from 0 to 7d in whole seconds (a bare number "
            "means "
            "minutes; ms, s, m, h, d and w may follow a number, as in 1h30m); correct the line, or "
            "delete it "
            "to have the default (5)\n");
    REQUIRE(problems(load_text("db_timeout = 61s\n"))
                .find("1: error: db_timeout = 61s: expected a time from 100ms to 1m (a bare number means "
                      "seconds;") == 0);
    REQUIRE(problems(load_text("db_timeout = 99ms\n")).find("1: error: db_timeout = 99ms: expected") == 0);
    REQUIRE(problems(load_text("reconnect_delay = .5.5x\n")).find("in whole seconds") != std::string::npos);
}

TEST_CASE("times of a configuration arrive in their units") {
    const LoadedSettings loaded = load_text(
        "reconnect_delay = 1h30m\nmax_connect_age = 2\nawl_age = 32\ndb_cleandelay = 90\ndb_timeout = "
        "1500ms\n");
    REQUIRE(problems(loaded).empty());
    REQUIRE(loaded.settings.reconnect_delay == 90min);
    REQUIRE(loaded.settings.max_connect_age == 2h);
    REQUIRE(loaded.settings.awl_age == 32 * 24h);
    REQUIRE(loaded.settings.db_cleandelay == 90s);
    REQUIRE(loaded.settings.db_timeout == 1500ms);
    REQUIRE(load_text("db_timeout = 3\n").settings.db_timeout == 3s);
}

TEST_CASE("numbers are whole, in range and never overflow") {
    REQUIRE(read_number("0", {0, 5}) == 0);
    REQUIRE(read_number(" 5 ", {0, 5}) == 5);
    for (const char* bad : {"", "6", "-1", "+1", "1.0", "1a", "0x1", "99999999999999999999", "O"}) {
        INFO(bad);
        REQUIRE_THROWS_WITH(read_number(bad, {0, 5}), "expected a whole number from 0 to 5");
    }
    REQUIRE(problems(load_text("workers = 65\n")) ==
            "1: error: workers = 65: expected a whole number from 0 to 64; correct the line, or delete it to "
            "have "
            "the default (0)\n");
    REQUIRE(load_text("workers = 64\n").settings.workers == 64);
    REQUIRE(load_text("group_domain_level = 10\n").settings.group_domain_level == 10);
    REQUIRE(load_text("connect_src_throttle = 5\n").settings.connect_src_throttle == 5);
}

TEST_CASE("switches are understood in all their words") {
    for (const char* word : {"1", "on", "ON", "yes", "true"}) REQUIRE(read_flag(word));
    for (const char* word : {"0", "off", "Off", "no", "false"}) REQUIRE_FALSE(read_flag(word));
    REQUIRE_THROWS_WITH(read_flag("maybe"), "expected on or off (1 and 0, yes and no mean the same)");
    REQUIRE(problems(load_text("training = 2\n")).find("1: error: training = 2: expected on or off") == 0);
}

TEST_CASE("choices are understood in any case and listed when they are not") {
    REQUIRE(load_text("greymethod = ClassC\n").settings.greymethod == GreyMethod::classc);
    REQUIRE(load_text("greymethod = full\n").settings.greymethod == GreyMethod::full);
    REQUIRE(load_text("greymethod = Prefix\n").settings.greymethod == GreyMethod::prefix);
    REQUIRE(problems(load_text("greymethod = clever\n")) ==
            "1: error: greymethod = clever: expected smart, full, classc or prefix; correct the line, or "
            "delete it to have the default (smart)\n");
    for (const char* word : {"Pg", "pg", "postgresql", "PostgreSQL"}) {
        REQUIRE(load_text("db_type = " + std::string{word}).settings.db_type == Database::postgresql);
    }
    for (const char* word : {"mysql", "MySQL", "mariadb"}) {
        REQUIRE(load_text("db_type = " + std::string{word}).settings.db_type == Database::mysql);
    }
    for (const char* word : {"SQLite", "sqlite"}) {
        REQUIRE(load_text("db_type = " + std::string{word}).settings.db_type == Database::sqlite);
    }
    REQUIRE(problems(load_text("db_type = oracle\n")).find("expected SQLite, Pg or mysql;") !=
            std::string::npos);
    REQUIRE(load_text("sqlite_synchronous = FULL\n").settings.sqlite_synchronous == "full");
    REQUIRE(problems(load_text("sqlite_synchronous = 1\n")).find("expected off, normal or full") !=
            std::string::npos);
    REQUIRE(load_text("on_db_failure = defer\n").settings.on_db_failure == OnFailure::defer);
}

TEST_CASE("permissions are octal") {
    REQUIRE(read_mode("0666") == 0666);
    REQUIRE(read_mode("660") == 0660);
    for (const char* bad : {"", "0888", "1777", "-1", "rw", "77777777777777777777"}) {
        INFO(bad);
        REQUIRE_THROWS_WITH(read_mode(bad), "expected an octal mode from 0000 to 0777, such as 0660");
    }
    REQUIRE(load_text("").settings.unix_mode == 0666);
}

TEST_CASE("milter sockets are written as for inet, or as libmilter has them") {
    REQUIRE(read_milters("inet:2502, inet:127.0.0.1:2502 inet6:[::1]:2502,unix:/run/a") ==
            Words{"inet:2502", "inet:127.0.0.1:2502", "inet:[::1]:2502", "unix:/run/a"});
    REQUIRE(read_milters("inet:2502@127.0.0.1 inet6:2502@::1 local:/run/a inet:*:2502") ==
            Words{"inet:127.0.0.1:2502", "inet:[::1]:2502", "unix:/run/a", "inet:0.0.0.0:2502"});
    REQUIRE(read_milters("").empty());
    const std::string too_long = "unix:/" + std::string(107, 'x');
    for (const std::string& bad :
         Words{"2502", "inet:", "inet:0", "inet:@", "inet:2502@", "inet:@mx", "unix:", "unix:/", "unix:run/a",
               "local:", "tcp:2502", "inet:2001:db8::1:2502", "INET:2502", too_long}) {
        INFO(bad);
        REQUIRE_THROWS_AS(read_milters(bad), std::invalid_argument);
    }
}

TEST_CASE("listening addresses are ports, hosts with ports and bracketed IPv6 addresses") {
    REQUIRE(read_endpoints("2501") == Words{"2501"});
    REQUIRE(read_endpoints("2501, 192.0.2.1:2501 [2001:db8::1]:10023,mx.example.org:1") ==
            Words{"2501", "192.0.2.1:2501", "[2001:db8::1]:10023", "mx.example.org:1"});
    REQUIRE(read_endpoints("*:2501") == Words{"0.0.0.0:2501"});
    REQUIRE(read_endpoints("65535") == Words{"65535"});
    for (const char* bad : {"0", "65536", "localhost", "localhost:", ":2501", "a:b", "2001:db8::1:2501",
                            "[::1]", "[::1]:0", "[::g]:25", "192.0.2.300:25", "<public_ip>:2501",
                            "99999999999", "a b:2501", "[::1:2501", "host:-1", "host:+1"}) {
        INFO(bad);
        REQUIRE_THROWS_AS(read_endpoints(bad), std::invalid_argument);
    }
    REQUIRE(problems(load_text("inet = 2501, <public_ip>:2501\n")) ==
            "1: error: inet = 2501, <public_ip>:2501: expected a port from 1 to 65535, host:port or [IPv6 "
            "address]:port, or several of them with commas between; \"<public_ip>:2501\" is none; correct "
            "the line, "
            "or delete it to have the default (2501)\n");
}

TEST_CASE("database servers are names, addresses, socket directories, with or without a port") {
    REQUIRE(read_db_hosts(" slave-1.example.org, 192.0.2.1 ,/var/run/postgresql") ==
            Words{"slave-1.example.org", "192.0.2.1", "/var/run/postgresql"});
    REQUIRE(read_db_hosts("2001:db8::1 [2001:db8::2]:5433 h:5433") ==
            Words{"2001:db8::1", "[2001:db8::2]:5433", "h:5433"});
    for (const char* bad : {"a;b", "h:0", "h:99999", "[::1", "192.0.2.1.5", "a=b", "h:x"}) {
        INFO(bad);
        REQUIRE_THROWS_AS(read_db_hosts(bad), std::invalid_argument);
    }
    REQUIRE(problems(load_text("db_host = a;b\n")).find("1: error: db_host = a;b: expected a host name") ==
            0);
    REQUIRE(read_db_host("h") == DbHost{"h", 0});
    REQUIRE(read_db_host("h:5433") == DbHost{"h", 5433});
    REQUIRE(read_db_host("2001:db8::1") == DbHost{"2001:db8::1", 0});
    REQUIRE(read_db_host("2001:db8::5433") == DbHost{"2001:db8::5433", 0});
    REQUIRE(read_db_host("[2001:db8::1]") == DbHost{"2001:db8::1", 0});
    REQUIRE(read_db_host("[2001:db8::1]:5433") == DbHost{"2001:db8::1", 5433});
    REQUIRE(read_db_host("/run/pg:5433") == DbHost{"/run/pg", 5433});
}

TEST_CASE("the port of the database is a number or the word default") {
    REQUIRE(read_db_port("default") == 0);
    REQUIRE(read_db_port("") == 0);
    REQUIRE(read_db_port("3306") == 3306);
    REQUIRE_THROWS_WITH(read_db_port("70000"), "expected the word default or a port from 1 to 65535");
    REQUIRE(problems(load_text("db_port = x\n")).find("1: error: db_port = x: expected the word default") ==
            0);
}

TEST_CASE("log_override sets single categories, the letter O silences, 0 keeps errors") {
    using sqlgrey::log::Category;
    const auto levels =
        load_text("log_override = whitelist:O, grey : 0,spam:4,\nloglevel = 3\n").settings.levels;
    REQUIRE(levels.of(Category::whitelist) == sqlgrey::log::silent);
    REQUIRE(levels.of(Category::grey) == sqlgrey::log::error);
    REQUIRE(levels.of(Category::spam) == sqlgrey::log::debug);
    REQUIRE(levels.of(Category::perf) == sqlgrey::log::verbose);
    REQUIRE(load_text("loglevel = O\n").settings.levels.of(Category::conf) == sqlgrey::log::silent);
}

TEST_CASE("a bad category or level is named") {
    REQUIRE(problems(load_text("log_override = gray:2\n")) ==
            "1: error: log_override = gray:2: expected category:level pairs with commas between them; "
            "\"gray\" is not a category (grey, whitelist, optin, spam, mail, dbaccess, martians, perf, "
            "system, conf, other, "
            "admin); "
            "correct "
            "the line, or delete it to have the default (none)\n");
    REQUIRE(
        problems(load_text("log_override = grey:2,spam:9\n"))
            .find("\"spam:9\": expected a level: 0 errors, 1 warnings, 2 normal, 3 verbose, 4 debug, or the "
                  "letter O for nothing") != std::string::npos);
    REQUIRE(problems(load_text("log_override = grey\n")).find("there is no ':' in \"grey\"") !=
            std::string::npos);
    REQUIRE(problems(load_text("log_override = grey:\n")).find("\"grey:\": expected a level") !=
            std::string::npos);
    REQUIRE(problems(load_text("loglevel = 5\n"))
                .find("1: warning: loglevel = 5: expected a level: 0 errors, 1 warnings") == 0);
}

TEST_CASE("an invalid value is shown escaped and shortened") {
    REQUIRE(problems(load_text("loglevel = \xff\xfe\n")).find("loglevel = \\xff\\xfe: expected") !=
            std::string::npos);
    REQUIRE(problems(load_text("loglevel = " + std::string(100'000, '7') + "\n")).size() < 1000);
}
