#include "sqlgrey/net/identity.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

using namespace sqlgrey::net;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

// A conf_dir, removed after the test.
class ConfDir {
  public:
    ConfDir() : path_((std::filesystem::temp_directory_path() / "sqlgrey-XXXXXX").string()) {
        REQUIRE(::mkdtemp(path_.data()) != nullptr);
        write("smtp_server.regexp", "^mail\n");
        write("dyn_fqdn.regexp", "^pool\n");
    }
    ConfDir(const ConfDir&) = delete;
    ConfDir& operator=(const ConfDir&) = delete;
    ~ConfDir() { std::filesystem::remove_all(path_); }
    std::string path(const std::string& name) const { return path_ + "/" + name; }
    void write(const std::string& name, std::string_view text) const {
        std::ofstream(path(name), std::ios::binary) << text;
    }
    SmartPatternFiles read() const { return read_smart_patterns(path_); }

  private:
    std::string path_;
};

bool dyn_matches(const SmartPatternFiles& files, std::string_view name) {
    return files.patterns.dyn_fqdn && files.patterns.dyn_fqdn->found_in(name);
}

}  // namespace

TEST_CASE("each of the two files contains one expression, without regard to letter case") {
    const SmartPatternFiles files = ConfDir().read();
    CHECK(files.problems.empty());
    REQUIRE(files.patterns.smtp_server);
    CHECK(files.patterns.smtp_server->found_in("MAIL.example.org"));
    CHECK_FALSE(files.patterns.smtp_server->found_in("pool.example.org"));
    CHECK(dyn_matches(files, "pool.example.org"));
    CHECK_FALSE(dyn_matches(files, "mail.example.org"));
}

TEST_CASE("an expression ends at its line end and knows no comments") {
    const ConfDir dir;
    const auto text = GENERATE(as<std::string>{}, "a#b$", "a#b$\n", "a#b$\r\n", "\n\na#b$\n\n \t\n\r\n");
    dir.write("dyn_fqdn.regexp", text);
    const SmartPatternFiles files = dir.read();
    CHECK(files.problems.empty());
    CHECK(dyn_matches(files, "xa#b"));
    CHECK_FALSE(dyn_matches(files, "a"));
}

TEST_CASE("of several expressions the last counts, with a warning") {
    const ConfDir dir;
    dir.write("dyn_fqdn.regexp", "^one\n\n# two\n^three\n\n");
    const SmartPatternFiles files = dir.read();
    REQUIRE(files.problems.size() == 1);
    CHECK_FALSE(files.problems[0].is_error);
    CHECK_THAT(files.problems[0].text, StartsWith(dir.path("dyn_fqdn.regexp") + ":4: ") && Contains("3"));
    CHECK(dyn_matches(files, "three"));
    CHECK_FALSE(dyn_matches(files, "one"));
}

TEST_CASE("an empty file matches no name and is not an error") {
    const ConfDir dir;
    const auto text = GENERATE(as<std::string>{}, "", "\n", "\r\n \n");
    dir.write("dyn_fqdn.regexp", text);
    const SmartPatternFiles files = dir.read();
    CHECK(files.problems.empty());
    CHECK_FALSE(files.patterns.dyn_fqdn);
    CHECK(files.patterns.smtp_server);
}

TEST_CASE("a file that cannot be used matches every name and is an error") {
    const ConfDir dir;
    const std::string path = dir.path("dyn_fqdn.regexp");
    std::string reason;
    SECTION("missing") {
        std::filesystem::remove(path);
        reason = path + ": No such file or directory";
    }
    SECTION("a directory") {
        std::filesystem::remove(path);
        std::filesystem::create_directory(path);
        reason = path + ": not a regular file";
    }
    SECTION("a fifo that nobody writes to") {
        std::filesystem::remove(path);
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        reason = path + ": not a regular file";
    }
    SECTION("no expression") {
        dir.write("dyn_fqdn.regexp", "\n(dyn|\n");
        reason = path + ":2: missing closing parenthesis";
    }
    SECTION("too large") {
        dir.write("dyn_fqdn.regexp", std::string(64 * 1024 + 1, 'a'));
        reason = path + ": more than 65536 bytes";
    }
    const SmartPatternFiles files = dir.read();
    REQUIRE(files.problems.size() == 1);
    CHECK(files.problems[0].is_error);
    CHECK_THAT(files.problems[0].text, StartsWith(reason) && Contains("every client name matches"));
    CHECK(dyn_matches(files, "any.example.org"));
    CHECK_FALSE(files.patterns.smtp_server->found_in("pool.example.org"));
}

TEST_CASE("without any file both match every name and both are reported") {
    const SmartPatternFiles files = read_smart_patterns("/nonexistent");
    REQUIRE(files.problems.size() == 2);
    CHECK_THAT(files.problems[0].text, StartsWith("/nonexistent/smtp_server.regexp: "));
    CHECK_THAT(files.problems[1].text, StartsWith("/nonexistent/dyn_fqdn.regexp: "));
    REQUIRE(files.patterns.smtp_server);
    CHECK(files.patterns.smtp_server->found_in("a"));
}

TEST_CASE("a long expression up to the limit is read") {
    const ConfDir dir;
    std::string words = "^(?:zero";
    while (words.size() < 20'000) words += "|word" + std::to_string(words.size());
    dir.write("dyn_fqdn.regexp", words + ")$\n");
    const SmartPatternFiles files = dir.read();
    CHECK(files.problems.empty());
    CHECK(dyn_matches(files, "zero"));
    CHECK_FALSE(dyn_matches(files, "one"));
}

TEST_CASE("the shipped files distinguish mail servers from pools") {
    const SmartPatternFiles files = read_smart_patterns(SOURCE_DIR "/conf");
    REQUIRE(files.problems.empty());
    REQUIRE(files.patterns.smtp_server);
    REQUIRE(files.patterns.dyn_fqdn);
    SECTION("mail servers") {
        const auto name = GENERATE(as<std::string>{}, "mail.example.org", "smtp3.example.org",
                                   "mx-out07.example.org", "a-relay2.example.org", "Mailout12.example.org",
                                   "mta_3.example.org", "gw.example.org", "bulk-mail4.example.org",
                                   "lists.example.org", "web12.example.org", "e-mail.example.org");
        CAPTURE(name);
        CHECK(files.patterns.smtp_server->found_in(name));
        CHECK_FALSE(dyn_matches(files, name));
    }
    SECTION("pools") {
        const auto name = GENERATE(as<std::string>{}, "1-2-3-4.dyn.example.net", "host12.dialup.example.net",
                                   "a-adsl-7.example.net", "77.cable.example.net", "p3.pool12.example.net",
                                   "x-ppp4.example.net", "DHCP-12.example.net", "customer.example.net",
                                   "12.ftth.example.net", "static-1-2.example.net", "abo.example.net");
        CAPTURE(name);
        CHECK(dyn_matches(files, name));
        CHECK_FALSE(files.patterns.smtp_server->found_in(name));
    }
    SECTION("neither") {
        const auto name =
            GENERATE(as<std::string>{}, "example.org", "alpha.example.org", "poolside.example.org",
                     "hotmail.example.org", "dynasty.example.org", "homer.example.org", "mxyz.example.org");
        CAPTURE(name);
        CHECK_FALSE(files.patterns.smtp_server->found_in(name));
        CHECK_FALSE(dyn_matches(files, name));
    }
}
