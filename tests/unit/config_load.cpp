// A whole configuration: defaults, missing files, paths, and what depends on several parameters.
#include "config_files.hpp"
#include "sqlgrey/config/parameters.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey::config;
using namespace std::chrono_literals;
using config_test::Directory;
using config_test::in_force;
using config_test::load_text;
using config_test::problems;
using Words = std::vector<std::string>;

TEST_CASE("an empty configuration means the defaults of SQLgrey 1.8, but on SQLite") {
    const LoadedSettings loaded = load_text("");
    REQUIRE(loaded.problems.empty());
    const Settings& s = loaded.settings;
    REQUIRE(s.conf_dir == "/etc/sqlgrey");
    REQUIRE(s.user == "sqlgrey");
    REQUIRE(s.group == "sqlgrey");
    REQUIRE(s.pidfile == "/var/run/sqlgrey.pid");
    REQUIRE(s.inet == Words{"2501"});
    REQUIRE(s.unix_path.empty());
    REQUIRE(s.unix_mode == 0666);
    REQUIRE_FALSE(s.exim);
    REQUIRE(s.workers == 0);
    REQUIRE(s.loglevel == 2);
    REQUIRE(s.levels == sqlgrey::log::Levels{2});
    REQUIRE(s.admin_mail == "postmaster");
    REQUIRE(s.reconnect_delay == 5min);
    REQUIRE(s.max_connect_age == 24h);
    REQUIRE(s.awl_age == 60 * 24h);
    REQUIRE(s.connect_src_throttle == 0);
    REQUIRE(s.group_domain_level == 2);
    REQUIRE(s.auto_whitelist_clients == 0);
    REQUIRE(s.greymethod == GreyMethod::smart);
    REQUIRE(s.ipv4_prefix == 24);
    REQUIRE(s.ipv6_prefix == 64);
    REQUIRE(s.message_coherence);
    REQUIRE_FALSE(s.training);
    REQUIRE(s.optmethod == OptMethod::none);
    REQUIRE_FALSE(s.discrimination);
    REQUIRE_FALSE(s.discrimination_add_rulenr);
    REQUIRE(s.whitelist_clients.empty());
    REQUIRE(s.whitelist_recipients.empty());
    REQUIRE_FALSE(s.whitelist_senders_verified);
    REQUIRE(s.lists_in_database);
    REQUIRE(s.prepend);
    REQUIRE(s.reject_first_attempt == Reject::delay);
    REQUIRE(s.reject_early_reconnect == Reject::delay);
    REQUIRE(s.reject_code == "450");
    REQUIRE(s.greylist_text.empty());
    REQUIRE(s.blacklist_reply == "554 5.7.1 Mail from here is not accepted");
    REQUIRE(s.x_greylist_header.empty());
    REQUIRE(s.hostname.empty());
    REQUIRE(s.db_type == Database::sqlite);
    REQUIRE(s.db_name == (std::filesystem::current_path() / "sqlgrey").string());
    REQUIRE(s.db_hosts == Words{"localhost"});
    REQUIRE(s.db_port == 0);
    REQUIRE(s.db_user == "sqlgrey");
    REQUIRE(s.db_pass.empty());
    REQUIRE(s.db_options.empty());
    REQUIRE(s.db_timeout == 2s);
    REQUIRE(s.on_db_failure == OnFailure::pass);
    REQUIRE(s.sqlite_synchronous == "normal");
    REQUIRE(s.db_cleandelay == 1800s);
    REQUIRE(s.stats_interval == 300s);
    REQUIRE(s.stats_age == 400 * 24h);
    REQUIRE_FALSE(s.db_cluster);
    REQUIRE(s.read_hosts.empty());
    REQUIRE(s.privacy_key_file.empty());
    REQUIRE(s.privacy_key.empty());
}

TEST_CASE("every row of the table is in force, in its order") {
    const LoadedSettings loaded = load_text("loglevel = 3\n");
    REQUIRE(loaded.in_force.size() == parameters().size());
    for (std::size_t i = 0; i < parameters().size(); ++i)
        REQUIRE(loaded.in_force[i].name == parameters()[i].name);
    REQUIRE(in_force(loaded, "loglevel").value == "3");
    REQUIRE(in_force(loaded, "loglevel").origin.find("/test.conf:1") != std::string::npos);
    REQUIRE(in_force(loaded, "user") == InForce{"user", "sqlgrey", "default", false});
}

TEST_CASE("the table is sound: names differ, defaults can be read, nothing is empty") {
    std::vector<std::string_view> seen;
    for (const Parameter& row : parameters()) {
        INFO(row.name);
        REQUIRE(std::find(seen.begin(), seen.end(), row.name) == seen.end());
        seen.push_back(row.name);
        REQUIRE_FALSE(row.section.empty());
        REQUIRE(row.sentence.ends_with('.'));
        Settings settings;
        REQUIRE_NOTHROW(row.set(settings, row.default_text));
        REQUIRE(parameter(row.name) == &row);
    }
    REQUIRE(parameter("no_such_name") == nullptr);
}

TEST_CASE("every name of SQLgrey 1.8 is known") {
    for (const char* name : {"conf_dir",
                             "loglevel",
                             "log_override",
                             "log_ident",
                             "user",
                             "group",
                             "inet",
                             "unix",
                             "pidfile",
                             "reconnect_delay",
                             "max_connect_age",
                             "connect_src_throttle",
                             "awl_age",
                             "group_domain_level",
                             "db_type",
                             "db_name",
                             "db_host",
                             "db_port",
                             "db_user",
                             "db_pass",
                             "db_dsn",
                             "db_prepare_cache",
                             "db_cleandelay",
                             "clean_method",
                             "db_cluster",
                             "read_hosts",
                             "prepend",
                             "greymethod",
                             "optmethod",
                             "discrimination",
                             "discrimination_add_rulenr",
                             "reject_first_attempt",
                             "reject_early_reconnect",
                             "reject_code",
                             "whitelists_host",
                             "admin_mail"}) {
        INFO(name);
        REQUIRE(parameter(name) != nullptr);
    }
}

TEST_CASE("a file that is not there is an error only if the admin named it") {
    const Directory directory;
    const LoadedSettings unnamed = load(directory.path("none"), false, {});
    REQUIRE(problems(unnamed) == "0: warning: there is no such file; every parameter has its default\n");
    REQUIRE(unnamed.usable());
    REQUIRE(unnamed.settings == load_text("").settings);
    const LoadedSettings named = load(directory.path("none"), true, {});
    REQUIRE_FALSE(named.usable());
    REQUIRE(shown(named.problems.at(0)) == directory.path("none") +
                                               ": error: the configuration cannot be read: No such file or "
                                               "directory; create it or correct its permissions");
}

TEST_CASE("a directory or a file beyond all sense is not read as a configuration") {
    const Directory directory;
    REQUIRE(problems(load(directory.path(""), false, {})).find("cannot be read: Is a directory") !=
            std::string::npos);
    directory.write("large", std::string(2'000'000, '#'));
    REQUIRE(problems(load(directory.path("large"), false, {})).find("cannot be read: File too large") !=
            std::string::npos);
}

TEST_CASE("a problem is shown as file, line, kind and text") {
    REQUIRE(shown({SettingsProblem::Kind::error, "/etc/x.conf", 7, "text"}) == "/etc/x.conf:7: error: text");
    REQUIRE(shown({SettingsProblem::Kind::warning, "/etc/x.conf", 0, "text"}) ==
            "/etc/x.conf: warning: text");
    REQUIRE(shown({SettingsProblem::Kind::warning, "", 0, "text"}) == "warning: text");
    REQUIRE(shown({SettingsProblem::Kind::error, "a\nb", 1, "text"}) == "a\\x0ab:1: error: text");
}

TEST_CASE("all problems are reported, in the order of the file") {
    const std::string told =
        problems(load_text("training = x\nloglevl = 3\njunk\nworkers = 99\ntraining = y\n"));
    REQUIRE(told.find("2: warning: \"loglevl\"") == 0);
    const auto at = [&](const char* text) { return told.find(text); };
    REQUIRE(at("3: warning: the line") < at("4: error: workers"));
    REQUIRE(at("4: error: workers") < at("5: error: training = y"));
    REQUIRE(at("5: error: training = y") != std::string::npos);
}

TEST_CASE("relative paths begin in the current directory, or in the one that is passed") {
    const Directory directory;
    const std::string file =
        directory.write("x.conf", "conf_dir = lists\npidfile = run/pid\nunix = sock\ndb_name = grey.db\n");
    const std::string here = std::filesystem::current_path().string();
    const Settings s = load(file, true, {}).settings;
    REQUIRE(s.conf_dir == here + "/lists");
    REQUIRE(s.pidfile == here + "/run/pid");
    REQUIRE(s.unix_path == here + "/sock");
    REQUIRE(s.db_name == here + "/grey.db");
    const LoadedSettings elsewhere = load(file, true, {"", "/srv/x"});
    REQUIRE(elsewhere.settings.conf_dir == "/srv/x/lists");
    REQUIRE(elsewhere.settings.db_name == "/srv/x/grey.db");
    REQUIRE(in_force(elsewhere, "unix").value == "/srv/x/sock");
    REQUIRE(in_force(elsewhere, "db_name").value == "/srv/x/grey.db");
    REQUIRE(load_text("db_type = Pg\ndb_name = grey").settings.db_name == "grey");
    REQUIRE(load_text("db_dsn = DBI:SQLite:dbname=grey").settings.db_name == here + "/grey");
}

TEST_CASE("a database in memory is refused, several processes share it") {
    REQUIRE(problems(load_text("\ndb_name = :memory:\n")) ==
            "2: error: the database is :memory:, expected a file: several processes share it; name a path\n");
    REQUIRE(problems(load_text("db_dsn = DBI:SQLite:dbname=:memory:\n")).find("1: error: the database is") ==
            0);
    REQUIRE(load_text("db_type = mysql\ndb_name = :memory:\n").usable());
}

TEST_CASE("the pid file of the command line is above that of the file") {
    const Directory directory;
    const LoadedSettings loaded = load(directory.write("x.conf", "pidfile = /a\n"), true, {"/b", ""});
    REQUIRE(loaded.settings.pidfile == "/b");
    REQUIRE(in_force(loaded, "pidfile") == InForce{"pidfile", "/b", "command line", false});
}

TEST_CASE("the sockets: inet, unix, or both") {
    REQUIRE(load_text("").settings.inet == Words{"2501"});
    REQUIRE(load_text("inet =\n").settings.inet == Words{"2501"});
    const LoadedSettings only_unix = load_text("unix = /run/s\n");
    REQUIRE(only_unix.settings.inet.empty());
    REQUIRE(in_force(only_unix, "inet") == InForce{"inet", "", "unix is set", false});
    const LoadedSettings both = load_text("unix = /run/s\ninet = 2501\n");
    REQUIRE(both.settings.inet == Words{"2501"});
    REQUIRE(both.settings.unix_path == "/run/s");
    REQUIRE(load_text("unix = /run/s\ninet =\n").settings.inet.empty());
}

TEST_CASE("a socket has one protocol") {
    for (const char* good : {"inet = 2501\nmilter = inet:2502, inet:192.0.2.1:2501 unix:/run/m\n",
                             "unix = /run/s\nmilter = unix:/run/m\n", "unix = /run/s\nmilter = inet:2501\n",
                             "milter = inet:127.0.0.1:2502, inet:[::1]:2502\n",
                             "inet = 127.0.0.1:2501\nmilter = inet:[::1]:2501\n"})
        REQUIRE(problems(load_text(good)).empty());
    for (const char* bad :
         {"milter = inet:2501\n", "milter = inet:127.0.0.1:2501\n", "milter = inet:2502 inet6:[::1]:2502\n",
          "milter = inet:[::1]:2502 inet:localhost:2502\n",
          "inet = 192.0.2.1:2501\nmilter = inet:2501@192.0.2.1\n",
          "unix = /run/s\nmilter = local:/run/s\n"}) {
        INFO(bad);
        REQUIRE(problems(load_text(bad)).find("expected a socket that no other entry of") !=
                std::string::npos);
    }
}

TEST_CASE("a unix socket path that the system would cut is refused") {
    REQUIRE(load_text("unix = /" + std::string(106, 'a')).usable());
    const std::string told = problems(load_text("\nunix = /" + std::string(107, 'a')));
    REQUIRE(told.find("2: error: unix = /aaa") == 0);
    REQUIRE(told.find("expected a path of at most 107 bytes") != std::string::npos);
}

TEST_CASE("max_connect_age must be larger than reconnect_delay, and the error names both lines") {
    REQUIRE(problems(load_text("reconnect_delay = 120\n\nmax_connect_age = 2\n")) ==
            "3: error: max_connect_age = 2 (line 3, that is 2h): expected more than reconnect_delay = 120 "
            "(line 1, "
            "that is 2h), or no retry could ever pass; raise the one or lower the other\n");
    REQUIRE(problems(load_text("\nreconnect_delay = 2d\n"))
                .find("2: error: max_connect_age = 24 (the default, that is 1d): expected more than "
                      "reconnect_delay = 2d "
                      "(line 2, that is 2d)") == 0);
    REQUIRE(load_text("reconnect_delay = 120\nmax_connect_age = 7201s\n").usable());
    REQUIRE(problems(load_text("reconnect_delay = 2d\nmax_connect_age = x\n"))
                .find("2: error: max_connect_age = x: ") == 0);
}

TEST_CASE("early reconnects are refused as first attempts are, unless told otherwise") {
    const LoadedSettings same = load_text("reject_first_attempt = immed\n");
    REQUIRE(same.settings.reject_early_reconnect == Reject::immed);
    REQUIRE(in_force(same, "reject_early_reconnect").value == "immed");
    REQUIRE(load_text("reject_early_reconnect = immed\n").settings.reject_first_attempt == Reject::delay);
    REQUIRE(load_text("reject_early_reconnect = delay\nreject_first_attempt = immed\n")
                .settings.reject_early_reconnect == Reject::delay);
    REQUIRE(problems(load_text("reject_early_reconnect = later\n"))
                .find("1: error: reject_early_reconnect = later: expected delay, immed or nothing") == 0);
}

TEST_CASE("parameters without effect cause a warning when set, and only then") {
    const auto told = [](const char* text) { return problems(load_text(text)); };
    REQUIRE(told("db_prepare_cache = 1") ==
            "1: warning: db_prepare_cache has no effect: db_prepare says whether statements are prepared\n");
    REQUIRE(told("clean_method = async") ==
            "1: warning: clean_method has no effect: cleaning always runs in a process of its own\n");
    REQUIRE(told("whitelists_host = lists.example.org") ==
            "1: warning: whitelists_host has no effect: lists are not fetched by this version\n");
    REQUIRE(told("db_type = Pg\ndb_cluster = on") ==
            "2: warning: db_cluster = on has no effect without read_hosts; name the replicas there\n");
    REQUIRE(told("read_hosts = a, b ,c") == "1: warning: read_hosts has no effect without db_cluster = on\n");
    REQUIRE(told("db_cluster = on\nread_hosts = a") ==
            "1: warning: db_cluster has no effect on SQLite, which has no replicas\n");
    REQUIRE(told("db_type = mysql\ndb_cluster = on\nread_hosts = a, b ,c").empty());
    REQUIRE(told("optmethod = NONE\ndiscrimination = 0\ndb_prepare_cache = 0\nclean_method = sync\n"
                 "whitelists_host = sqlgrey.bouton.name\ndb_cluster = off\nread_hosts =\n")
                .empty());
}

TEST_CASE("names that may not be empty and mail addresses that look like options are refused") {
    for (const char* name : {"conf_dir", "sendmail", "db_name"}) {
        INFO(name);
        REQUIRE(problems(load_text(std::string{name} + " =\n"))
                    .find("1: error: " + std::string{name} + " = : expected a ") == 0);
    }
    REQUIRE(problems(load_text("admin_mail = -oQ/tmp\n"))
                .find("1: error: admin_mail = -oQ/tmp: expected a mail address") == 0);
    REQUIRE(load_text("admin_mail =\n").settings.admin_mail.empty());
}
