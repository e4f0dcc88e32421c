// The output of --print-config can be read again and contains no secrets.
#include "config_files.hpp"
#include "sqlgrey/config/dsn.hpp"
#include "sqlgrey/config/parameters.hpp"
#include "sqlgrey/config/show.hpp"

#include <random>

#include <catch2/catch.hpp>

using namespace sqlgrey::config;
using config_test::load_text;
using config_test::problems;

namespace {

// Makes data sources with a recognisable password, in all forms, valid and invalid.
class DataSources {
  public:
    std::string next() {
        const std::string password = "geheim" + printable() + "geheim";
        switch (below(4)) {
            case 0:
                return spoilt(scheme() + "://user:" + encoded(password) + "@host" +
                              one_of({"", ":1", "/n", "/n?sslmode=x"}));
            case 1:
                return spoilt(scheme() + "://host/n?" + one_of({"password", "passwd", "p%61ss"}) + "=" +
                              encoded(password) + one_of({"", "&user=u"}));
            case 2:
                return spoilt("DBI:" + driver() + ":dbname=n;password=" + quoted(password) +
                              one_of({"", ";host=h"}));
            default:
                return spoilt("DBI:" + driver() + ":dbname=n;user=u;pass=" + password +
                              one_of({"", ";port=1"}));
        }
    }

  private:
    std::size_t below(std::size_t end) { return random_() % end; }
    std::string one_of(std::vector<std::string> texts) { return texts[below(texts.size())]; }
    std::string scheme() { return one_of({"postgresql", "mysql", "postgres", "mariadb", "sqlite"}); }
    std::string driver() { return one_of({"Pg", "mysql", "MariaDB", "SQLite"}); }
    std::string printable() {
        std::string text;
        for (std::size_t i = below(6); i > 0; --i) text += static_cast<char>(0x20 + below(0x5f));
        return text;
    }
    static std::string encoded(const std::string& text) {
        std::string out;
        for (const char c : text) {
            const std::string digits = "0123456789abcdef";
            const auto byte = static_cast<unsigned char>(c);
            out +=
                std::isalnum(byte) ? std::string{c} : std::string{'%', digits[byte / 16], digits[byte % 16]};
        }
        return out;
    }
    static std::string quoted(const std::string& text) {
        std::string out = "'";
        for (const char c : text) out += (c == '\'' || c == '\\' ? "\\" : "") + std::string{c};
        return out + "'";
    }
    // Adds, removes or replaces a character in every other one, but not within the word that is searched for.
    std::string spoilt(std::string text) {
        if (below(2) == 0) return text;
        const std::size_t at = below(text.size());
        const char any = static_cast<char>(0x20 + below(0x5f));
        const std::string before = text;
        if (const std::size_t how = below(3); how == 0)
            text.erase(at, 1);
        else if (how == 1)
            text.insert(at, 1, any);
        else
            text[at] = any;
        return text.find("geheim") == std::string::npos ? before : text;
    }

    std::minstd_rand random_{20261127};
};

}  // namespace

TEST_CASE("the output of print_config gives the same settings without a problem") {
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
             "pools = on\npool_crowd = 0\npublic_suffix_list = /list\n",
         }) {
        INFO(text);
        const LoadedSettings first = load_text(text);
        INFO(print_config(first));
        REQUIRE(problems(first).empty());
        const LoadedSettings again = load_text(print_config(first));
        REQUIRE(problems(again).empty());
        REQUIRE(again.settings == first.settings);
    }
}

TEST_CASE("seven parameters need a restart, and only if their meaning changes") {
    const Settings in_force = load_text("unix_mode = 0666\n").settings;
    REQUIRE(changes_that_need_restart(in_force, load_text("unix_mode = 666\n").settings).empty());
    REQUIRE(changes_that_need_restart(in_force, load_text("workers = 7\nprepend = 0\n").settings).empty());
    const Settings wanted =
        load_text(
            "inet = 2502\nunix = /run/s\nunix_mode = 0600\nmilter = inet:2503\nuser = a\ngroup = b\n"
            "pidfile = /run/p\n")
            .settings;
    REQUIRE(changes_that_need_restart(in_force, wanted) ==
            std::vector<std::string_view>{"user", "group", "pidfile", "inet", "unix", "unix_mode", "milter"});
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
    const std::string uri =
        print_config(load_text("db_dsn = postgresql://u:geheim@h/g?sslpassword=geheim\n"));
    REQUIRE(uri.find("\n# db_dsn                   = postgresql://u:***@h/g?sslpassword=***") !=
            std::string::npos);
    REQUIRE(uri.find("\n# db_pass                  = (set, not shown)                  # db_dsn\n") !=
            std::string::npos);
    REQUIRE(uri.find("geheim") == std::string::npos);
}

TEST_CASE("a value that would be cut when read again is commented out") {
    const config_test::Directory directory;
    const LoadedSettings loaded = load(directory.write("x", ""), true, {"/run/a#b", ""});
    REQUIRE(print_config(loaded).find("\n# pidfile                  = /run/a#b") != std::string::npos);
}

TEST_CASE("the password of no data source is printed, whether it is understood or not") {
    DataSources sources;
    int refused = 0;
    for (int i = 0; i < 3000; ++i) {
        const std::string source = sources.next();
        INFO(source);
        const LoadedSettings loaded = load_text("db_dsn = " + source + "\n");
        REQUIRE(problems(loaded).find("geheim") == std::string::npos);
        refused += loaded.usable() ? 0 : 1;
        // The changed text may be a valid one in which this is the name.
        if (loaded.settings.db_pass.find("geheim") == std::string::npos) continue;
        REQUIRE(print_config(loaded).find("geheim") == std::string::npos);
    }
    REQUIRE(refused > 300);
    REQUIRE(refused < 2000);
}

TEST_CASE("a password that equals another word masks nothing else") {
    const std::string printed = print_config(load_text("db_dsn = postgresql://g:g@g:1/g?sslmode=g\n"));
    REQUIRE(printed.find("= postgresql://g:***@g:1/g?sslmode=g ") != std::string::npos);
    REQUIRE(print_config(load_text("db_pass = default\n")).find("# default\n") != std::string::npos);
}
