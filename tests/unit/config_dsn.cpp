// db_dsn in both its forms; no password appears in messages.
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
            Dsn{Database::postgresql, "grey", {"db.example.org"}, 5433, {}, {}, {{"sslmode", "require"}}});
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
    REQUIRE(dsn.type == Database::mysql);
    REQUIRE(dsn.name == "grey");
    REQUIRE(dsn.hosts == Words{"localhost"});
    REQUIRE(dsn.port == 3306);
    REQUIRE(dsn.options == Options{{"mysql_socket", "/run/s.sock"},
                                   {"mysql_ssl", "1"},
                                   {"mysql_ssl_ca_file", "/etc/ca.pem"}});
    REQUIRE(read_dsn("DBI:mysql:grey") == Dsn{Database::mysql, "grey", {}, 0, {}, {}, {}});
    REQUIRE(read_dsn("DBI:mysql:grey:db:3307;mysql_ssl=0;sslca=/ca") ==
            Dsn{Database::mysql, "grey", {"db"}, 3307, {}, {}, {{"sslca", "/ca"}}});
    REQUIRE(read_dsn("DBI:MariaDB:database=grey").type == Database::mysql);
}

TEST_CASE("the DBI form for SQLite") {
    for (const char* text : {"DBI:SQLite:dbname=/var/g.db", "DBI:SQLite:db=/var/g.db", "DBI:SQLite:/var/g.db",
                             "DBI:SQLite:database=/var/g.db;"}) {
        INFO(text);
        REQUIRE(read_dsn(text) == Dsn{Database::sqlite, "/var/g.db", {}, 0, {}, {}, {}});
    }
    REQUIRE(read_dsn("DBI:SQLite:g.db;sqlite_unicode=1;x=1").ignored == Words{"sqlite_unicode", "x"});
    REQUIRE(read_dsn("DBI:SQLite:dbname='/v/a;b=\\'#.db'").name == "/v/a;b='#.db");
}

TEST_CASE("the URI form") {
    REQUIRE(read_dsn("postgresql://u:p@h1:5432,h2:5433/grey?sslmode=require&connect_timeout=3") ==
            Dsn{Database::postgresql,
                "grey",
                {"h1:5432", "h2:5433"},
                0,
                "u",
                "p",
                {{"sslmode", "require"}, {"connect_timeout", "3"}}});
    REQUIRE(read_dsn("postgres://h1:5433,h2:5433/grey") ==
            Dsn{Database::postgresql, "grey", {"h1", "h2"}, 5433, {}, {}, {}});
    REQUIRE(read_dsn("postgresql://h1:5433,h2/grey").hosts == Words{"h1:5433", "h2"});
    REQUIRE(read_dsn("postgresql://[2001:db8::1]:1,[2001:db8::2]:2/g").hosts ==
            Words{"[2001:db8::1]:1", "[2001:db8::2]:2"});
    REQUIRE(read_dsn("postgresql://[::1]/g").hosts == Words{"::1"});
    REQUIRE(read_dsn("postgresql://%2Fvar%2Frun/g").hosts == Words{"/var/run"});
    REQUIRE(read_dsn("postgresql:///g?host=/var/run").hosts == Words{"/var/run"});
    REQUIRE(read_dsn("postgresql://u@h") == Dsn{Database::postgresql, {}, {"h"}, 0, "u", {}, {}});
    REQUIRE(read_dsn("mysql://us%40er:p%3Aa%2Fs%23s%25@h:3306/gr%20ey") ==
            Dsn{Database::mysql, "gr ey", {"h"}, 3306, "us@er", "p:a/s#s%", {}});
    REQUIRE(read_dsn("mariadb://h/g").type == Database::mysql);
    REQUIRE(read_dsn("sqlite:///var/lib/grey%201.db") ==
            Dsn{Database::sqlite, "/var/lib/grey 1.db", {}, 0, {}, {}, {}});
}

TEST_CASE("a data source that cannot be read is an error that shows nothing of it") {
    for (const char* bad : {
             "geheim",
             "DBI:",
             "DBI:Oracle:geheim",
             "DBI:Pg",
             "DBI:Pg:dbname=a;geheim",
             "DBI:Pg:dbname=a password=geheim",
             "DBI:Pg:dbname=apassword=geheim",
             "DBI:Pg:dbname=a host=geheim",
             "DBI:Pg:dbname=a;password=ge;heim;geheim=1",
             "DBI:Pg:dbname=a;password='geheim",
             "DBI:Pg:dbname=a;password='ge'heim",
             "DBI:Pg:dbname=a;password='ge;heim;host=h",
             "DBI:mysql:dbname=a;passwd=x;geheim=y",
             "DBI:Pg:dbname=a;Geheim!geheim=1",
             "mysql://u:geheim@h/d?mysql_ssl=1",
             "mysql://u@h/d?password=x&geheim=y",
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
        const LoadedSettings loaded = load_text("\ndb_dsn = " + std::string{bad} + "\n");
        REQUIRE_FALSE(loaded.usable());
        REQUIRE(problems(loaded).find("2: error: db_dsn (value not shown): expected ") == 0);
        REQUIRE(problems(loaded).find("geheim") == std::string::npos);
        REQUIRE(in_force(loaded, "db_dsn").value.empty());
    }
}

TEST_CASE("mistakes in a data source are reported") {
    const auto told = [](const std::string& dsn) { return problems(load_text("db_dsn = " + dsn)); };
    REQUIRE(told("Pg").find("it begins neither with DBI: nor with a name and ://") != std::string::npos);
    REQUIRE(told("DBI:Foo:x=1").find("its beginning names no database we know") != std::string::npos);
    REQUIRE(told("mysql://h:x/d").find("a port in it is not a number from 1 to 65535") != std::string::npos);
    REQUIRE(told("mysql://u:a@b@h/d").find("has to be written %40 or %2F") != std::string::npos);
    REQUIRE(told("DBI:Pg:host=a,b,c;port=1,2").find("more or fewer ports than hosts") != std::string::npos);
    REQUIRE(told("sqlite://host/x").find("SQLite is a file: three slashes, no host") != std::string::npos);
}

TEST_CASE("in the DBI form a value may be quoted") {
    const auto pass = [](const std::string& value) {
        return read_dsn("DBI:mysql:dbname=g;password=" + value + ";host=h").pass;
    };
    REQUIRE(pass("'a;b'") == "a;b");
    REQUIRE(pass("  ' a '  ") == " a ");
    REQUIRE(pass("'it\\'s \\\\'") == "it's \\");
    REQUIRE(pass("''") == "");
    REQUIRE(pass("it's a\\b") == "it's a\\b");
    REQUIRE(pass("a=b host=c") == "a=b host=c");
    REQUIRE(pass("\"a\"") == "\"a\"");
    REQUIRE(read_dsn("DBI:Pg:password='a;b'").pass == "a;b");
    REQUIRE(masked_dsn("DBI:Pg:dbname=g;password='a;\\'b;';host=h") == "DBI:Pg:dbname=g;password=***;host=h");
}

TEST_CASE("hosts of a data source are separated by commas, a path may contain anything else") {
    REQUIRE(read_dsn("DBI:Pg:host=/a b/c=d , /e").hosts == Words{"/a b/c=d", "/e"});
    REQUIRE(read_dsn("mysql://h/g?host=%2Fa%20%27b").hosts == Words{"/a 'b"});
    // Read again as host and port, it is the same path.
    REQUIRE(read_dsn("DBI:Pg:host=/run/a:5").hosts == Words{"/run/a:5:5432"});
    REQUIRE(read_dsn("DBI:mysql:host=/run/a:5;port=7").hosts == Words{"/run/a:5:7"});
    REQUIRE(read_db_host("/run/a:5:7") == DbHost{"/run/a:5", 7});
}

TEST_CASE("an unknown key is reported with the known ones") {
    const auto told = [](const std::string& dsn) { return problems(load_text("\ndb_dsn = " + dsn)); };
    REQUIRE(told("DBI:Pg:dbname=g;sslmod=require")
                .find("2: error: db_dsn (value not shown): expected keys that are "
                      "known for this database (dbname, host, port, user, password, ") == 0);
    REQUIRE(told("DBI:Pg:dbname=g;sslmod=require").find("sslmode, ") != std::string::npos);
    REQUIRE(told("DBI:Pg:dbname=g;sslmod=require").find("; \"sslmod\" is not one of them; ") !=
            std::string::npos);
    REQUIRE(told("postgresql://h/g?mysql_socket=/s").find("\"mysql_socket\" is not one of them") !=
            std::string::npos);
    REQUIRE(told("mysql://h/g?sslmode=require").find("\"sslmode\" is not one of them") != std::string::npos);
    REQUIRE(told("mysql://h/g?sslmode=require").find("mysql_ssl_ca_file, ") != std::string::npos);
    REQUIRE(
        told("DBI:mysql:g;mysql_ssl=1").find("mysql_ssl needs the file of the CA: add mysql_ssl_ca_file") !=
        std::string::npos);
    REQUIRE(told("DBI:Pg:dbname=g;SSLMode=require;passfile=/p").empty());
    REQUIRE(told("DBI:mysql:g;mysql_ssl_ca_file=/c;mysql_ssl=1;mysql_ssl_client_key=/k").empty());
}

TEST_CASE("a key that only Perl's driver needs is a warning") {
    const LoadedSettings mysql =
        load_text("db_dsn = DBI:mysql:g;mysql_enable_utf8=1;password=p;mysql_auto_reconnect=1\n");
    REQUIRE(mysql.usable());
    REQUIRE(mysql.settings.db_options.empty());
    REQUIRE(problems(mysql).find(
                "1: warning: db_dsn (value not shown): \"mysql_enable_utf8\" has no effect; those "
                "that have are dbname, host,") == 0);
    REQUIRE(problems(mysql).find("\n1: warning: db_dsn (value not shown): a key has no effect; ") !=
            std::string::npos);
    REQUIRE(problems(load_text("db_dsn = DBI:SQLite:dbname=/g;host=h\n")) ==
            "1: warning: db_dsn (value not shown): \"host\" has no effect; those that have are dbname\n");
}

TEST_CASE("a data source in the place of another value is not shown") {
    for (const char* name : {"db_name", "db_host", "db_user", "read_hosts", "db_type", "db_port", "inet"}) {
        INFO(name);
        const LoadedSettings loaded = load_text(std::string{name} + " = postgresql://u:geheim@h/d\n");
        REQUIRE(problems(loaded).find(
                    std::string{"1: error: "} + name +
                    " (value not shown): expected no data source, which belongs into db_dsn; ") == 0);
        REQUIRE(problems(loaded).find("geheim") == std::string::npos);
    }
    REQUIRE(problems(load_text("greylist_text = see http://example.org/why\n")).empty());
}

TEST_CASE("passwords are masked anywhere in a data source") {
    REQUIRE(masked_dsn("postgresql://u:p@h1:5432,h2/g?sslmode=require") ==
            "postgresql://u:***@h1:5432,h2/g?sslmode=require");
    REQUIRE(masked_dsn("mysql://u:longer@h/g") == "mysql://u:***@h/g");
    REQUIRE(masked_dsn("mysql://h:h@h/h") == "mysql://h:***@h/h");
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
    const LoadedSettings loaded = load_text(
        "db_type = Pg\ndb_name = mine\ndb_host = localhost\ndb_port = default\ndb_user = me\ndb_pass = "
        "geheim1\n"
        "db_dsn = mysql://you:geheim2@db:3306/yours?sslca=/ca\n");
    REQUIRE(loaded.usable());
    REQUIRE(loaded.settings.db_type == Database::mysql);
    REQUIRE(loaded.settings.db_name == "yours");
    REQUIRE(loaded.settings.db_hosts == Words{"db"});
    REQUIRE(loaded.settings.db_port == 3306);
    REQUIRE(loaded.settings.db_user == "you");
    REQUIRE(loaded.settings.db_pass == "geheim2");
    REQUIRE(loaded.settings.db_options == Options{{"sslca", "/ca"}});
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
    REQUIRE(in_force(loaded, "db_dsn").value == "mysql://you:***@db:3306/yours?sslca=/ca");
}

TEST_CASE("db_dsn without a host leaves the choice to the client library") {
    const LoadedSettings loaded =
        load_text("db_host = localhost\ndb_user = me\ndb_dsn = DBI:Pg:dbname=grey\n");
    REQUIRE(loaded.settings.db_hosts.empty());
    REQUIRE(loaded.settings.db_user == "me");
    REQUIRE(loaded.settings.db_name == "grey");
}
