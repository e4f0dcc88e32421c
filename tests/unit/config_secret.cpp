// The files with the password and the key.
#include "config_files.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

using namespace sqlgrey::config;
using config_test::Directory;
using config_test::in_force;
using config_test::load_text;
using config_test::problems;

TEST_CASE("the password comes from the first line of db_pass_file") {
    const Directory directory;
    const std::string secret = directory.write("secret", "ge#heim wort\r\nsecond\n");
    REQUIRE(::chmod(secret.c_str(), 0600) == 0);
    const LoadedSettings loaded = load_text("db_pass_file = " + secret + "\ndb_type = Pg\n");
    REQUIRE(problems(loaded).empty());
    REQUIRE(loaded.settings.db_pass == "ge#heim wort");
    REQUIRE(in_force(loaded, "db_pass") == InForce{"db_pass", "(set, not shown)", "db_pass_file", true});
    REQUIRE(load_text("db_pass_file =\ndb_pass = a b\n").settings.db_pass == "a b");
    const LoadedSettings both = load_text("db_pass = other\ndb_pass_file = " + secret + "\ndb_type = Pg\n");
    REQUIRE(both.settings.db_pass == "ge#heim wort");
    REQUIRE(problems(both).find("2: warning: db_pass_file wins over the password in ") == 0);
    REQUIRE(problems(both).find("other") == std::string::npos);
}

TEST_CASE("a password file that others can read is a warning") {
    const Directory directory;
    const std::string secret = directory.write("secret", "geheim\n");
    REQUIRE(::chmod(secret.c_str(), 0644) == 0);
    const LoadedSettings loaded = load_text("db_type = Pg\ndb_pass_file = " + secret + "\n");
    REQUIRE(problems(loaded) == "2: warning: db_pass_file = " + secret +
                                    ": everybody on this machine can read the password; chmod o-r it\n");
    REQUIRE(loaded.usable());
}

TEST_CASE("a password file that cannot be used is an error") {
    const Directory directory;
    const auto told = [](const std::string& path) {
        return problems(load_text("db_pass_file = " + path + "\ndb_type = Pg"));
    };
    REQUIRE(told(directory.path("none")) == "1: error: db_pass_file = " + directory.path("none") +
                                                ": expected a file the daemon can read: No such file or "
                                                "directory; create it or correct its permissions\n");
    REQUIRE(told(directory.path("")).find("expected a plain file with the password in its first line") !=
            std::string::npos);
    for (const std::string& text :
         {std::string{}, std::string{"\ngeheim\n"}, std::string{"ge\x01heim\n"}, std::string(5000, 'x')}) {
        const std::string path = directory.write("bad", text);
        REQUIRE(::chmod(path.c_str(), 0600) == 0);
        REQUIRE(told(path) == "1: error: db_pass_file = " + path +
                                  ": expected the password in its first line, without control characters\n");
    }
    const std::string fifo = directory.path("fifo");
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    REQUIRE(told(fifo).find("expected a plain file") != std::string::npos);
}

TEST_CASE("the key of the hashes is the first line of privacy_key_file") {
    const Directory directory;
    const std::string file = directory.write("key", "0123456789 abc#ef\r\nsecond\n");
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
    const LoadedSettings loaded = load_text("privacy_key_file = " + file + "\n");
    REQUIRE(problems(loaded).empty());
    REQUIRE(loaded.settings.privacy_key == "0123456789 abc#ef");
    REQUIRE(loaded.settings.privacy_key_file == file);
    REQUIRE(in_force(loaded, "privacy_key_file").value == file);
    for (const InForce& row : loaded.in_force) REQUIRE(row.value.find("0123456789") == std::string::npos);
    REQUIRE(load_text("privacy_key_file =\n").settings.privacy_key.empty());
    const LoadedSettings elsewhere =
        load(directory.write("x.conf", "privacy_key_file = key\n"), true, {"", directory.path(".")});
    REQUIRE(elsewhere.settings.privacy_key == "0123456789 abc#ef");
}

TEST_CASE("a key that others can read is a warning") {
    const Directory directory;
    const std::string file = directory.write("key", "sixteen letters.\n");
    REQUIRE(::chmod(file.c_str(), 0644) == 0);
    const LoadedSettings loaded = load_text("\nprivacy_key_file = " + file + "\n");
    REQUIRE(problems(loaded) == "2: warning: privacy_key_file = " + file +
                                    ": everybody on this machine can read the key; chmod o-r it\n");
    REQUIRE(loaded.settings.privacy_key == "sixteen letters.");
}

TEST_CASE("a key file that cannot be used, or whose key could be guessed, is an error") {
    const Directory directory;
    const auto told = [](const std::string& path) {
        return problems(load_text("privacy_key_file = " + path));
    };
    REQUIRE(told(directory.path("none")) == "1: error: privacy_key_file = " + directory.path("none") +
                                                ": expected a file the daemon can read: No such file or "
                                                "directory; create it or correct its permissions\n");
    REQUIRE(told(directory.path("")).find("expected a plain file with the key in its first line") !=
            std::string::npos);
    for (const std::string& text :
         {std::string{}, std::string{"\nsixteen letters.\n"}, std::string{"fifteen letters\n"},
          std::string{"sixteen\x01letters.\n"}, std::string(5000, 'x')}) {
        const std::string path = directory.write("bad", text);
        REQUIRE(::chmod(path.c_str(), 0600) == 0);
        REQUIRE(told(path) == "1: error: privacy_key_file = " + path +
                                  ": expected the key of at least 16 bytes in its first line, without "
                                  "control characters\n");
    }
}

TEST_CASE("a sqlgrey.conf with a password that others can read is a warning") {
    const Directory directory;
    const auto told = [&](const std::string& text, mode_t mode) {
        const std::string file = directory.write("test.conf", text);
        REQUIRE(::chmod(file.c_str(), mode) == 0);
        return problems(load(file, true, {}));
    };
    const std::string end =
        ": everybody on this machine can read the password in this file; chmod o-r it, or put the password "
        "into a "
        "db_pass_file\n";
    REQUIRE(told("db_type = Pg\ndb_pass = geheim\n", 0644) == "2: warning: db_pass" + end);
    REQUIRE(told("db_dsn = mysql://u:geheim@h/g\n", 0604) == "1: warning: db_dsn" + end);
    REQUIRE(told("db_dsn = DBI:Pg:dbname=g;sslpassword=geheim\n", 0644) == "1: warning: db_dsn" + end);
    REQUIRE(told("db_type = Pg\ndb_pass = geheim\n", 0640).empty());
    REQUIRE(told("db_pass =\ndb_dsn = DBI:Pg:dbname=g;passfile=/etc/p\n", 0644).empty());
    const std::string secret = directory.write("secret", "geheim\n");
    REQUIRE(::chmod(secret.c_str(), 0642) == 0);
    REQUIRE(told("db_type = Pg\ndb_pass_file = " + secret + "\n", 0644) ==
            "2: warning: db_pass_file = " + secret +
                ": everybody on this machine can change the password; chmod o-w it\n");
}
