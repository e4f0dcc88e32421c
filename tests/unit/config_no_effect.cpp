// Settings about mail, and warnings of settings without effect.
#include "config_files.hpp"
#include "sqlgrey/config/show.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey::config;
using config_test::Directory;
using config_test::in_force;
using config_test::load_text;
using config_test::problems;
using Words = std::vector<std::string>;

namespace {

std::string told(const std::string& text) {
    return problems(load_text(text));
}

}  // namespace

TEST_CASE("prefixes, counts and flags are in the settings") {
    const LoadedSettings loaded = load_text(
        "greymethod = prefix\nipv4_prefix = 32\nipv6_prefix = 128\nauto_whitelist_clients = 5\n"
        "message_coherence = off\nexim = yes\nlists_in_database = no\n"
        "whitelist_senders_verified = 1\noptmethod = optout\ndiscrimination = on\n"
        "discrimination_add_rulenr = on\npools = on\npool_crowd = 7\npublic_suffix_list = /list\n");
    REQUIRE(problems(loaded).empty());
    const Settings& s = loaded.settings;
    REQUIRE(s.pools);
    REQUIRE(s.pool_crowd == 7);
    REQUIRE(s.public_suffix_list == "/list");
    REQUIRE(s.ipv4_prefix == 32);
    REQUIRE(s.ipv6_prefix == 128);
    REQUIRE(s.auto_whitelist_clients == 5);
    REQUIRE_FALSE(s.message_coherence);
    REQUIRE(load_text("training = on\n").settings.training);
    REQUIRE(s.exim);
    REQUIRE_FALSE(s.lists_in_database);
    REQUIRE(s.whitelist_senders_verified);
    REQUIRE(s.optmethod == OptMethod::optout);
    REQUIRE(s.discrimination);
    REQUIRE(s.discrimination_add_rulenr);
}

TEST_CASE("prefixes are lengths that an address has") {
    for (const char* bad :
         {"ipv4_prefix = 0", "ipv4_prefix = 33", "ipv4_prefix = /24", "ipv6_prefix = 0", "ipv6_prefix = 129",
          "auto_whitelist_clients = -1", "auto_whitelist_clients = 1e3"}) {
        INFO(bad);
        REQUIRE(told(bad).find(std::string{"1: error: "} + bad + ": expected a whole number from ") == 0);
    }
}

TEST_CASE("files of lists are separated by commas and are absolute") {
    const Directory directory;
    const std::string file =
        directory.write("x.conf", "whitelist_clients = /etc/a list, b.txt,\nwhitelist_recipients = , c\n");
    const LoadedSettings loaded = load(file, true, {"", "/srv/x"});
    REQUIRE(problems(loaded).empty());
    REQUIRE(loaded.settings.whitelist_clients == Words{"/etc/a list", "/srv/x/b.txt"});
    REQUIRE(loaded.settings.whitelist_recipients == Words{"/srv/x/c"});
    REQUIRE(in_force(loaded, "whitelist_clients").value == "/etc/a list,/srv/x/b.txt");
    REQUIRE(load_text(print_config(loaded)).settings == loaded.settings);
    REQUIRE(load_text("whitelist_clients = ,, \n").settings.whitelist_clients.empty());
}

TEST_CASE("a prefix without the method that uses it causes a warning") {
    REQUIRE(told("\nipv4_prefix = 20\nipv6_prefix = 48\n") ==
            "2: warning: ipv4_prefix has no effect without greymethod = prefix\n"
            "3: warning: ipv6_prefix has no effect without greymethod = prefix\n");
    REQUIRE(told("ipv4_prefix = 24\nipv6_prefix = 64\n").empty());
    REQUIRE(told("ipv4_prefix = 20\ngreymethod = prefix\n").empty());
}

TEST_CASE("parameters of pools without pools cause a warning") {
    REQUIRE(told("pool_crowd = 5\npublic_suffix_list = /list\n") ==
            "1: warning: pool_crowd has no effect without pools = on\n"
            "2: warning: public_suffix_list has no effect without pools = on\n");
    REQUIRE(told("pool_crowd = 20\npublic_suffix_list =\n").empty());
    REQUIRE(told("pool_crowd = 5\npublic_suffix_list = /list\npools = on\n").empty());
}

TEST_CASE("auto_whitelist_clients with a too short awl_age causes a warning") {
    REQUIRE(
        told("auto_whitelist_clients = 2\nawl_age = 1h\n") ==
        "1: warning: auto_whitelist_clients has no effect: one retry an hour is counted, and awl_age = 1h "
        "forgets it before the next; raise awl_age\n");
    REQUIRE(told("auto_whitelist_clients = 1\nawl_age = 1h\n").empty());
    REQUIRE(told("auto_whitelist_clients = 5\nawl_age = 3601s\n").empty());
    REQUIRE(told("awl_age = 1h\n").empty());
}

TEST_CASE("discrimination_add_rulenr without discrimination causes a warning") {
    REQUIRE(told("discrimination_add_rulenr = on\n") ==
            "1: warning: discrimination_add_rulenr has no effect without discrimination = on\n");
    REQUIRE(told("discrimination_add_rulenr = off\n").empty());
    REQUIRE(told("discrimination_add_rulenr = on\ndiscrimination = on\n").empty());
}

TEST_CASE("a header that no mail gets, and a host name without effect, cause a warning") {
    REQUIRE(told("prepend = 0\nx_greylist_header = X: %h\nhostname = mx1\n") ==
            "2: warning: x_greylist_header has no effect with prepend = 0\n"
            "3: warning: hostname has no effect with prepend = 0\n");
    REQUIRE(told("hostname = mx1\n") ==
            "1: warning: hostname has no effect: x_greylist_header does not say %h\n");
    REQUIRE(told("hostname = mx1\nx_greylist_header = X: %%h\n") ==
            "1: warning: hostname has no effect: x_greylist_header does not say %h\n");
    REQUIRE(told("hostname = mx1\nx_greylist_header = X: at %h\n").empty());
    REQUIRE(told("prepend = 0\nx_greylist_header =\n").empty());
}

TEST_CASE("two enhanced codes in one reply cause a warning") {
    const std::string both = "reject_code = 451 4.7.1\ngreylist_text = 4.2.0 Wait\n";
    REQUIRE(
        told(both + "reject_early_reconnect = immed\n") ==
        "2: warning: greylist_text: both it and reject_code = 451 4.7.1 contain an enhanced code, the reply "
        "would have both; delete one of them\n");
    REQUIRE(told(both + "reject_first_attempt = immed\n").find("2: warning: greylist_text: both") == 0);
    REQUIRE(told(both).find("contain an enhanced code") == std::string::npos);
    REQUIRE(told("reject_first_attempt = immed\nreject_code = 451\ngreylist_text = 4.2.0 Wait\n").empty());
    REQUIRE(told("reject_first_attempt = immed\nreject_code = 451 4.7.1\ngreylist_text = Wait\n").empty());
}

TEST_CASE("a text that fail2ban takes for an attack causes a warning") {
    for (const char* text : {"Service unavailable", "4.2.0 service UNAVAILABLE, wait %s"}) {
        INFO(text);
        REQUIRE(told(std::string{"greylist_text = "} + text)
                    .find("1: warning: greylist_text begins with Service unavailable: fail2ban takes such") ==
                0);
    }
    REQUIRE(told("greylist_text = Service temporarily unavailable\n").empty());
}

TEST_CASE(
    "a server without db_type causes a warning: the default is SQLite, in SQLgrey 1.8 it was PostgreSQL") {
    const std::string file = (std::filesystem::current_path() / "sqlgrey").string();
    REQUIRE(told("\ndb_host = db.example.net\ndb_user = sqlgrey\ndb_pass = secret\n") ==
            "2: warning: without db_type the database is SQLite, the file " + file +
                ", and db_host, db_user and db_pass have no effect; SQLgrey 1.8 takes PostgreSQL then: write "
                "db_type = "
                "Pg if that is meant, or db_type = mysql, or delete these lines\n");
    for (const char* one : {"db_host = localhost", "db_user = sqlgrey", "db_pass = x", "db_port = 5432"}) {
        INFO(one);
        REQUIRE(told(one).find("1: warning: without db_type the database is SQLite, the file ") == 0);
        REQUIRE(told(one).find(" has no effect; SQLgrey 1.8 takes PostgreSQL then") != std::string::npos);
    }
    REQUIRE(
        told("db_type = Pg\ndb_host = db.example.net\ndb_user = me\ndb_pass = x\ndb_port = 5433\n").empty());
    REQUIRE(told("db_dsn = DBI:Pg:dbname=x;host=y\ndb_user = me\ndb_pass = x\n").empty());
    REQUIRE(told("db_name = grey\ndb_pass =\n").empty());
}

TEST_CASE("the location of a server has no effect with SQLite") {
    REQUIRE(told("db_type = SQLite\ndb_host = h\ndb_port = 1\ndb_user = u\ndb_pass = p\n") ==
            "2: warning: db_host has no effect: SQLite has no server; delete the line\n"
            "3: warning: db_port has no effect: SQLite has no server; delete the line\n"
            "4: warning: db_user has no effect: SQLite has no server; delete the line\n"
            "5: warning: db_pass has no effect: SQLite has no server; delete the line\n");
    REQUIRE(told("db_dsn = DBI:SQLite:dbname=/x\ndb_user = u\n")
                .find("2: warning: db_user has no effect: SQLite") == 0);
    REQUIRE(told("db_type = SQLite\ndb_host = localhost\ndb_user = sqlgrey\ndb_port = default\n").empty());
    REQUIRE(told("db_type = mysql\nsqlite_synchronous = full\n") ==
            "2: warning: sqlite_synchronous has no effect: the database is not SQLite\n");
    REQUIRE(told("sqlite_synchronous = full\n").empty());
}

TEST_CASE("a port that is not used causes a warning") {
    REQUIRE(told("db_type = mysql\ndb_port = 3307\n") ==
            "2: warning: db_port has no effect: localhost is the socket of MySQL; write db_host = 127.0.0.1 "
            "for TCP\n");
    REQUIRE(told("db_type = mysql\ndb_host = h\ndb_port = 3307\n").empty());
    REQUIRE(told("db_type = Pg\ndb_port = 5433\n").empty());
    REQUIRE(told("db_type = Pg\ndb_host = a:1, b:2\ndb_port = 5433\n") ==
            "3: warning: db_port has no effect: each server of db_host has a port of its own\n");
    REQUIRE(told("db_type = Pg\ndb_host = a:1, b\ndb_port = 5433\n").empty());
}

TEST_CASE("settings of an unused feature cause a warning") {
    REQUIRE(told("unix_mode = 0660\n") == "1: warning: unix_mode has no effect without unix\n");
    REQUIRE(told("unix_mode = 0660\nunix = /run/s\n").empty());
    REQUIRE(told("admin_mail =\nsendmail = /bin/x\n") ==
            "2: warning: sendmail has no effect: admin_mail is empty, no mail is sent\n");
    REQUIRE(told("sendmail = /bin/x\n").empty());
    REQUIRE(told("reject_code = 451\n") ==
            "1: warning: reject_code has no effect without reject_first_attempt = immed or "
            "reject_early_reconnect = "
            "immed\n");
    REQUIRE(told("reject_code = 451\nreject_early_reconnect = immed\n").empty());
    REQUIRE(told("exim = on\nmessage_coherence = on\n")
                .find("2: warning: message_coherence has no effect with exim = on") == 0);
    REQUIRE(told("exim = on\n").empty());
    REQUIRE(told("training = on\ngreylist_text = Wait\nblacklist_reply = REJECT no\n") ==
            "1: warning: training = on lets all mail pass, so greylist_text and blacklist_reply have no "
            "effect\n");
    REQUIRE(told("training = on\nprepend = 1\n").empty());
}
