// --print-config can be read again and keeps secrets.
#include "config_files.hpp"
#include "sqlgrey/config/show.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey::config;
using config_test::load_text;
using config_test::problems;

TEST_CASE("what is printed reads as the same settings without a problem") {
    for (const char* text : {
             "",
             "unix = /run/s\n",
             "inet = *:2501,[::1]:2502\nunix = /run/s\n",
             "reject_first_attempt = immed\nreconnect_delay = 90s\nlog_override = grey:O\nloglevel = O\n",
             "db_dsn = DBI:Pg:dbname=g;host=a,b;port=1,2;sslmode=require\n",
             "db_dsn = DBI:Pg:dbname=g\n",
             "db_type = mysql\ndb_name = g\ndb_host = h1 h2:3307\nadmin_mail =\n",
             "whitelist_clients = a b,/c\nwhitelist_recipients = d\ngreymethod = prefix\nipv4_prefix = 20\n",
             "greylist_text = 4.2.0 Wait %s s = %m min, %r\nblacklist_reply = REJECT no\n",
             "x_greylist_header = X: a = %w; %d, 100%% of %h\nhostname = mx\n",
             "training = on\n",
         }) {
        INFO(text);
        const Loaded first = load_text(text);
        INFO(print_config(first));
        REQUIRE(problems(first).empty());
        const Loaded again = load_text(print_config(first));
        REQUIRE(problems(again).empty());
        REQUIRE(again.settings == first.settings);
    }
}

TEST_CASE("one line a parameter: name, value, origin") {
    const std::string printed = print_config(load_text("loglevel = 3\n"));
    REQUIRE(static_cast<std::size_t>(std::count(printed.begin(), printed.end(), '\n')) ==
            load_text("").in_force.size());
    REQUIRE(printed.find("\nuser                       = sqlgrey                           # default\n") !=
            std::string::npos);
    REQUIRE(printed.find("\nloglevel                   = 3                                 # ") !=
            std::string::npos);
    REQUIRE(printed.find("/test.conf:1\n") != std::string::npos);
}

TEST_CASE("secrets are commented out and not shown") {
    const std::string printed = print_config(load_text("db_pass = geheim\n"));
    REQUIRE(printed.find("\n# db_pass                  = (set, not shown)") != std::string::npos);
    REQUIRE(printed.find("geheim") == std::string::npos);
    const std::string uri = print_config(load_text("db_dsn = mysql://u:geheim@h/g?sslpassword=geheim\n"));
    REQUIRE(uri.find("\n# db_dsn                   = mysql://u:***@h/g?sslpassword=***") !=
            std::string::npos);
    REQUIRE(uri.find("\n# db_pass                  = (set, not shown)                  # db_dsn\n") !=
            std::string::npos);
    REQUIRE(uri.find("geheim") == std::string::npos);
}

TEST_CASE("a value that would be cut when read again is commented out") {
    const config_test::Directory directory;
    const Loaded loaded = load(directory.write("x", ""), true, {"/run/a#b", ""});
    REQUIRE(print_config(loaded).find("\n# pidfile                  = /run/a#b") != std::string::npos);
}
