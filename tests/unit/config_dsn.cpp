// db_dsn in both its forms, and that no password leaves it.
#include "config_files.hpp"
#include "sqlgrey/config/dsn.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

using namespace sqlgrey::config;
using config_test::in_force;
using config_test::load_text;
using config_test::problems;
using Words = std::vector<std::string>;
using Options = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("the DBI form for PostgreSQL") {
    const Dsn dsn = read_dsn("DBI:Pg:dbname=grey;host=db.example.org;port=5433;sslmode=require");
    REQUIRE(dsn ==
            Dsn{DbType::postgresql, "grey", {"db.example.org"}, 5433, {}, {}, {{"sslmode", "require"}}});
    REQUIRE(read_dsn("dbi:Pg:database=grey").name == "grey");
    REQUIRE(read_dsn("dbi:Pg:db=grey").hosts.empty());
    REQUIRE(read_dsn("DBI:Pg:dbname='my \\'db\\''").name == "my 'db'");
    REQUIRE(read_dsn("DBI:Pg:host=/var/run/postgresql").hosts == Words{"/var/run/postgresql"});
    const Dsn several = read_dsn("DBI:Pg:host=a,b;port=1,2;user=u;password=p");
    REQUIRE(several.hosts == Words{"a:1", "b:2"});
    REQUIRE(several.port == 0);
    REQUIRE(several.user == "u");
    REQUIRE(several.pass == "p");
}

TEST_CASE("the DBI form for MySQL") {
    const Dsn dsn = read_dsn(
        "DBI:mysql:database=grey;host=localhost;port=3306;mysql_socket=/run/s.sock;mysql_ssl=1;"
        "mysql_ssl_ca_file=/etc/ca.pem");
    REQUIRE(dsn.type == DbType::mysql);
    REQUIRE(dsn.name == "grey");
    REQUIRE(dsn.hosts == Words{"localhost"});
    REQUIRE(dsn.port == 3306);
    REQUIRE(dsn.options == Options{{"mysql_socket", "/run/s.sock"},
                                   {"mysql_ssl", "1"},
                                   {"mysql_ssl_ca_file", "/etc/ca.pem"}});
    REQUIRE(read_dsn("DBI:mysql:grey") == Dsn{DbType::mysql, "grey", {}, 0, {}, {}, {}});
    REQUIRE(read_dsn("DBI:mysql:grey:db:3307;mysql_ssl=1") ==
            Dsn{DbType::mysql, "grey", {"db"}, 3307, {}, {}, {{"mysql_ssl", "1"}}});
    REQUIRE(read_dsn("DBI:MariaDB:database=grey").type == DbType::mysql);
}

TEST_CASE("the DBI form for SQLite") {
    for (const char* text : {"DBI:SQLite:dbname=/var/g.db", "DBI:SQLite:db=/var/g.db", "DBI:SQLite:/var/g.db",
                             "DBI:SQLite:database=/var/g.db;"}) {
        INFO(text);
        REQUIRE(read_dsn(text) == Dsn{DbType::sqlite, "/var/g.db", {}, 0, {}, {}, {}});
    }
    REQUIRE(read_dsn("DBI:SQLite:g.db;x=1").options == Options{{"x", "1"}});
}

TEST_CASE("the URI form") {
    REQUIRE(read_dsn("postgresql://u:p@h1:5432,h2:5433/grey?sslmode=require&connect_timeout=3") ==
            Dsn{DbType::postgresql,
                "grey",
                {"h1:5432", "h2:5433"},
                0,
                "u",
                "p",
                {{"sslmode", "require"}, {"connect_timeout", "3"}}});
    REQUIRE(read_dsn("postgres://h1:5433,h2:5433/grey") ==
            Dsn{DbType::postgresql, "grey", {"h1", "h2"}, 5433, {}, {}, {}});
    REQUIRE(read_dsn("postgresql://h1:5433,h2/grey").hosts == Words{"h1:5433", "h2"});
    REQUIRE(read_dsn("postgresql://[2001:db8::1]:1,[2001:db8::2]:2/g").hosts ==
            Words{"[2001:db8::1]:1", "[2001:db8::2]:2"});
    REQUIRE(read_dsn("postgresql://[::1]/g").hosts == Words{"::1"});
    REQUIRE(read_dsn("postgresql://%2Fvar%2Frun/g").hosts == Words{"/var/run"});
    REQUIRE(read_dsn("postgresql:///g?host=/var/run").hosts == Words{"/var/run"});
    REQUIRE(read_dsn("postgresql://u@h") == Dsn{DbType::postgresql, {}, {"h"}, 0, "u", {}, {}});
    REQUIRE(read_dsn("mysql://us%40er:p%3Aa%2Fs%23s%25@h:3306/gr%20ey") ==
            Dsn{DbType::mysql, "gr ey", {"h"}, 3306, "us@er", "p:a/s#s%", {}});
    REQUIRE(read_dsn("mariadb://h/g").type == DbType::mysql);
    REQUIRE(read_dsn("sqlite:///var/lib/grey%201.db") ==
            Dsn{DbType::sqlite, "/var/lib/grey 1.db", {}, 0, {}, {}, {}});
}

TEST_CASE("a data source that cannot be read is an error that shows nothing of it") {
    for (const char* bad : {
             "geheim",
             "DBI:",
             "DBI:Oracle:geheim",
             "DBI:Pg",
             "DBI:Pg:dbname=a;geheim",
             "DBI:Pg:=geheim",
             "DBI:Pg:port=geheim",
             "DBI:Pg:host=ge heim;port=1,2,3",
             "DBI:mysql:a:b:1:geheim",
             "DBI:SQLite:",
             "DBI:SQLite:dbname=",
             "http://u:geheim@h/d",
             "postgresql://u:geheim",
             "postgresql://u:geheim@h:x/d",
             "postgresql://u:1/geheim@h/d",
             "postgresql://u:ge@heim@h/d",
             "postgresql://u:geheim%@h/d",
             "postgresql://u:geheim%zz@h/d",
             "postgresql://u:geheim%00@h/d",
             "postgresql://u:1?geheim@h/d",
             "postgresql://u:1?a=geheim@h/d",
             "postgresql://u:geheim@[::1/d",
             "postgresql://u:geheim@[::1]x/d",
             "postgresql://u:geheim@::1/d",
             "postgresql://u:geheim@h/d?x",
             "postgresql://u:geheim@<h>/d",
             "postgresql://u:geheim@a%2Cb/d",
             "mysql://u:geheim@h:0/d",
             "mysql://u:geheim@h:65536/d",
             "sqlite://geheim/x",
             "sqlite:///",
             "sqlite://",
             "sqlite://u:geheim@/x",
             "://geheim",
         }) {
        INFO(bad);
        REQUIRE_THROWS_AS(read_dsn(bad), std::invalid_argument);
        const Loaded loaded = load_text("\ndb_dsn = " + std::string{bad} + "\n");
        REQUIRE_FALSE(loaded.usable());
        REQUIRE(problems(loaded).find("2: error: db_dsn (value not shown): expected DBI:Pg:dbname=") == 0);
        REQUIRE(problems(loaded).find("geheim") == std::string::npos);
        REQUIRE(in_force(loaded, "db_dsn").value.empty());
    }
}

TEST_CASE("what is wrong with a data source is told") {
    const auto told = [](const std::string& dsn) { return problems(load_text("db_dsn = " + dsn)); };
    REQUIRE(told("Pg").find("it begins neither with DBI: nor with a name and ://") != std::string::npos);
    REQUIRE(told("DBI:Foo:x=1").find("its beginning names no database we know") != std::string::npos);
    REQUIRE(told("mysql://h:x/d").find("a port in it is no number from 1 to 65535") != std::string::npos);
    REQUIRE(told("mysql://u:a@b@h/d").find("has to be written %40 or %2F") != std::string::npos);
    REQUIRE(told("DBI:Pg:host=a,b,c;port=1,2").find("more or fewer ports than hosts") != std::string::npos);
    REQUIRE(told("sqlite://host/x").find("SQLite is a file: three slashes, no host") != std::string::npos);
}

TEST_CASE("passwords are masked wherever they stand in a data source") {
    REQUIRE(masked_dsn("postgresql://u:p@h1:5432,h2/g?sslmode=require") ==
            "postgresql://u:***@h1:5432,h2/g?sslmode=require");
    REQUIRE(masked_dsn("postgresql://:p@h/g") == "postgresql://:***@h/g");
    REQUIRE(masked_dsn("postgresql://u@h:1/g") == "postgresql://u@h:1/g");
    REQUIRE(masked_dsn("postgresql://h/g?x=1&password=p&SSLpassword=q&p%61ssword=r") ==
            "postgresql://h/g?x=1&password=***&SSLpassword=***&p%61ssword=***");
    REQUIRE(masked_dsn("DBI:Pg:dbname=g;Password=p;host=h") == "DBI:Pg:dbname=g;Password=***;host=h");
    REQUIRE(masked_dsn("DBI:mysql:g;mysql_foo_pass = x") == "DBI:mysql:g;mysql_foo_pass =***");
    REQUIRE(masked_dsn("DBI:Pg:dbname=100%;host=h") == "DBI:Pg:dbname=100%;host=h");
    REQUIRE(masked_dsn("sqlite:///a:b") == "sqlite:///a:b");
}

TEST_CASE("db_dsn wins over the parameters it replaces and says so") {
    const Loaded loaded = load_text(
        "db_type = Pg\ndb_name = mine\ndb_host = localhost\ndb_port = default\ndb_user = me\ndb_pass = "
        "geheim1\n"
        "db_dsn = mysql://you:geheim2@db:3306/yours?mysql_ssl=1\n");
    REQUIRE(loaded.usable());
    REQUIRE(loaded.settings.db_type == DbType::mysql);
    REQUIRE(loaded.settings.db_name == "yours");
    REQUIRE(loaded.settings.db_hosts == Words{"db"});
    REQUIRE(loaded.settings.db_port == 3306);
    REQUIRE(loaded.settings.db_user == "you");
    REQUIRE(loaded.settings.db_pass == "geheim2");
    REQUIRE(loaded.settings.db_options == Options{{"mysql_ssl", "1"}});
    const std::string told = problems(loaded);
    for (const char* name : {"1: warning: db_type", "2: warning: db_name", "3: warning: db_host",
                             "4: warning: db_port", "5: warning: db_user", "6: warning: db_pass"}) {
        INFO(name);
        REQUIRE(told.find(std::string{name} + " is not used: db_dsn in line 7 wins; delete one of them\n") !=
                std::string::npos);
    }
    REQUIRE(told.find("geheim") == std::string::npos);
    REQUIRE(in_force(loaded, "db_name") == InForce{"db_name", "yours", "db_dsn", false});
    REQUIRE(in_force(loaded, "db_pass") == InForce{"db_pass", "(set, not shown)", "db_dsn", true});
    REQUIRE(in_force(loaded, "db_dsn").value == "mysql://you:***@db:3306/yours?mysql_ssl=1");
}

TEST_CASE("db_dsn without a host leaves the choice to the client library") {
    const Loaded loaded = load_text("db_host = localhost\ndb_user = me\ndb_dsn = DBI:Pg:dbname=grey\n");
    REQUIRE(loaded.settings.db_hosts.empty());
    REQUIRE(loaded.settings.db_user == "me");
    REQUIRE(loaded.settings.db_name == "grey");
}
