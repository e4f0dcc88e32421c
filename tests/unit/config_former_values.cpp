// Values that SQLgrey 1.8 accepted: a configuration that has worked for years still works, with the same
// meaning.
#include "config_files.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey::config;
using namespace std::chrono_literals;
using config_test::in_force;
using config_test::load_text;
using config_test::problems;
using sqlgrey::log::Category;

namespace {

// The settings of a file that gives exactly one warning, which must contain these words.
Settings with_warning(const std::string& text, const std::string& words) {
    const LoadedSettings loaded = load_text(text + "\n");
    INFO(text << ": " << problems(loaded));
    REQUIRE(loaded.usable());
    REQUIRE_FALSE(loaded.problems.empty());
    REQUIRE(problems(loaded).find(words) != std::string::npos);
    return loaded.settings;
}

bool is_refused(const std::string& text) {
    return !load_text(text + "\n").usable();
}

}  // namespace

TEST_CASE("of a text that begins with digits the number counts") {
    const LoadedSettings loaded = load_text("\nreconnect_delay = 7 minutes\n");
    REQUIRE(loaded.settings.reconnect_delay == 7min);
    REQUIRE(in_force(loaded, "reconnect_delay").value == "7");
    REQUIRE(problems(loaded).find("2: warning: reconnect_delay = 7 minutes: expected a time from 0 to 7d") ==
            0);
    REQUIRE(problems(loaded).find("; SQLgrey 1.8 takes that for 7, and so does this version; write 7\n") !=
            std::string::npos);
    REQUIRE(with_warning("reconnect_delay = 0.5", "write 30s").reconnect_delay == 30s);
    REQUIRE(with_warning("reconnect_delay = +5", "write 5").reconnect_delay == 5min);
    REQUIRE(with_warning("reconnect_delay = 5,", "write 5").reconnect_delay == 5min);
    REQUIRE(with_warning("reconnect_delay =", "takes that for 0").reconnect_delay == 0s);
    REQUIRE(with_warning("max_connect_age = 24 hours", "write 24").max_connect_age == 24h);
    REQUIRE(with_warning("max_connect_age = 1.5", "write 5400s").max_connect_age == 90min);
    REQUIRE(with_warning("awl_age = 36 days", "write 36").awl_age == 36 * 24h);
    REQUIRE(with_warning("awl_age = 6e1", "write 60").awl_age == 60 * 24h);
    REQUIRE(with_warning("db_cleandelay = 600 # s\ndb_cleandelay = 900 sec.", "write 900").db_cleandelay ==
            900s);
    REQUIRE(with_warning("connect_src_throttle = 5 rows", "write 5").connect_src_throttle == 5);
    REQUIRE(with_warning("connect_src_throttle = 2.5", "write 3").connect_src_throttle == 3);
    REQUIRE(with_warning("group_domain_level = 2.", "write 2").group_domain_level == 2);
    REQUIRE(with_warning("group_domain_level =", "write 0").group_domain_level == 0);
}

TEST_CASE("a number outside its range is the nearest in it") {
    REQUIRE(with_warning("reconnect_delay = -5", "write 0").reconnect_delay == 0s);
    REQUIRE(with_warning("awl_age = 0", "what is nearest to it counts, 1s; write 1s").awl_age == 1s);
    REQUIRE(with_warning("awl_age = 99999", "write 3650d").awl_age == 3650 * 24h);
    REQUIRE(with_warning("awl_age = 1e400", "write 3650d").awl_age == 3650 * 24h);
    REQUIRE(with_warning("awl_age = " + std::string(500, '9'), "write 3650d").awl_age == 3650 * 24h);
    REQUIRE(with_warning("db_cleandelay = 0", "write 1s").db_cleandelay == 1s);
    REQUIRE(with_warning("db_cleandelay = 864000", "write 7d").db_cleandelay == 7 * 24h);
    REQUIRE(with_warning("connect_src_throttle = -1", "write 0").connect_src_throttle == 0);
    REQUIRE(with_warning("connect_src_throttle = 99999999", "write 1000000").connect_src_throttle ==
            1'000'000);
    REQUIRE(with_warning("group_domain_level = -1", "write 1").group_domain_level == 1);
}

TEST_CASE("values without a number are refused, and those that let no mail pass") {
    for (const char* text :
         {"reconnect_delay = soon", "awl_age = none", "group_domain_level = -", "db_cleandelay = .",
          "connect_src_throttle = off", "max_connect_age = 0", "max_connect_age ="}) {
        INFO(text);
        REQUIRE(is_refused(text));
    }
}

TEST_CASE("log levels are numbers of any size, and a word is 0") {
    REQUIRE(with_warning("loglevel = 7", "write 4").loglevel == 4);
    REQUIRE(with_warning("loglevel = 2.9", "write 2").loglevel == 2);
    REQUIRE(with_warning("loglevel = -1", "write O").loglevel == -1);
    REQUIRE(with_warning("loglevel = debug", "takes that for 0").loglevel == 0);
    REQUIRE(with_warning("loglevel =", "takes that for 0").loglevel == 0);
    const Settings levels = with_warning("log_override = grey:-1, spam: 3x", "write grey:O,spam:3");
    REQUIRE(levels.levels.of(Category::grey) == sqlgrey::log::silent);
    REQUIRE(levels.levels.of(Category::spam) == 3);
    for (const char* text : {"log_override = grey:5", "log_override = grey:debug", "log_override = grey",
                             "log_override = gray:-1"}) {
        INFO(text);
        REQUIRE(is_refused(text));
    }
}

TEST_CASE("flags mean what they meant") {
    REQUIRE(with_warning("prepend = header", "write 1").prepend);
    REQUIRE(with_warning("prepend = 2", "write 1").prepend);
    REQUIRE_FALSE(with_warning("prepend =", "write 0").prepend);
    REQUIRE_FALSE(with_warning("discrimination = enabled", "write off").discrimination);
    REQUIRE_FALSE(with_warning("discrimination =", "write off").discrimination);
    REQUIRE(with_warning(
                "discrimination = none",
                "takes every value that contains \"on\" for on, and so does this version; write on, or off")
                .discrimination);
    REQUIRE(with_warning("discrimination = ON!", "write on").discrimination);
    REQUIRE_FALSE(with_warning("discrimination_add_rulenr = never", "write off").discrimination_add_rulenr);
    REQUIRE_FALSE(with_warning("db_cluster = enabled", "write off").db_cluster);
    REQUIRE(with_warning("optmethod = disabled", "write none").optmethod == OptMethod::none);
    REQUIRE(with_warning("optmethod =", "write none").optmethod == OptMethod::none);
}

TEST_CASE(
    "a valid value with another meaning in SQLgrey 1.8 is reported, with one that means the same in both") {
    const auto told = [](const std::string& text) { return problems(load_text(text + "\n")); };
    REQUIRE(told("prepend = off") ==
            "1: warning: prepend = off means off here; SQLgrey 1.8 takes it for on; write 0, which means the "
            "same to both\n");
    REQUIRE(told("prepend = no").find("write 0") != std::string::npos);
    REQUIRE(told("discrimination = 1") ==
            "1: warning: discrimination = 1 means on here; SQLgrey 1.8 takes it for off; write on, which "
            "means the same to "
            "both\n");
    REQUIRE(told("discrimination = on\ndiscrimination_add_rulenr = yes")
                .find("2: warning: discrimination_add_rulenr = yes means on here") == 0);
    REQUIRE(told("db_type = Pg\nread_hosts = h\ndb_cluster = 1")
                .find("3: warning: db_cluster = 1 means on here") == 0);
    REQUIRE(told("optmethod = OptIn")
                .find("1: warning: optmethod = OptIn means optin here; SQLgrey 1.8 takes it for none") == 0);
    for (const char* same :
         {"prepend = 0", "prepend = 1", "prepend = on", "discrimination = ON", "discrimination = off",
          "discrimination = 0", "db_cluster = off", "optmethod = optin", "optmethod = None"}) {
        INFO(same);
        REQUIRE(told(same).empty());
    }
}

TEST_CASE("an invalid value without effect does not prevent the start") {
    for (const char* text :
         {"reject_code = 550", "reject_code = later", "db_dsn = DBI:Pg:dbname=x\ndb_type = oracle",
          "db_dsn = DBI:Pg:dbname=x\ndb_name =", "db_dsn = DBI:Pg:dbname=x\ndb_port = x",
          "db_dsn = DBI:Pg:dbname=x\ndb_host = <host>", "db_type = SQLite\ndb_port = none",
          "db_type = SQLite\ndb_host = <host>", "read_hosts = <host>", "db_prepare_cache = 3",
          "clean_method = never", "whitelists_host ="})
        with_warning(text, "no effect");
    REQUIRE(load_text("db_dsn = DBI:Pg:dbname=x\ndb_type = oracle\n").settings.db_type ==
            Database::postgresql);
    for (const char* text :
         {"reject_code = 550\nreject_first_attempt = immed", "db_type = oracle", "db_type = Pg\ndb_port = x",
          "db_cluster = on\ndb_type = Pg\nread_hosts = <host>"}) {
        INFO(text);
        REQUIRE(is_refused(text));
    }
}

TEST_CASE("a text after reject_code, empty names and a protocol after a port") {
    const std::string immed = "\nreject_first_attempt = immed";
    REQUIRE(with_warning("reject_code = 451 4.7.1 Come back" + immed, "451 4.7.1 counts").reject_code ==
            "451 4.7.1");
    REQUIRE(
        with_warning("reject_code = 451 Come back" + immed, "451 counts; a text of your own is greylist_text")
            .reject_code == "451");
    REQUIRE(is_refused("reject_code = 551 Come back" + immed));
    REQUIRE(with_warning("user =", "the default counts, sqlgrey").user == "sqlgrey");
    REQUIRE(with_warning("group =", "the default counts, sqlgrey").group == "sqlgrey");
    REQUIRE(with_warning("pidfile =", "the default counts").pidfile == "/var/run/sqlgrey.pid");
    REQUIRE(with_warning("inet = localhost:2501/tcp", "write localhost:2501").inet ==
            std::vector<std::string>{"localhost:2501"});
    REQUIRE(with_warning("inet = 2501/tcp", "write *:2501").inet == std::vector<std::string>{"0.0.0.0:2501"});
    REQUIRE(is_refused("inet = <public_ip>:2501"));
    REQUIRE(is_refused("greymethod = clever"));
    REQUIRE(is_refused("reject_first_attempt = later"));
}

TEST_CASE("parameters that SQLgrey 1.8 has not are strict") {
    for (const char* text : {"training = maybe", "workers = 2.5", "db_timeout = 0",
                             "auto_whitelist_clients = -1", "unix_mode = 9"}) {
        INFO(text);
        REQUIRE(is_refused(text));
    }
}
