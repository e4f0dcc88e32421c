// The static files: which ones are read, and which mistakes are tolerated.
#include "lists_fixture.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

using namespace lists_test;
using namespace std::string_literals;
using enum sqlgrey::lists::ListName;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

// With the two shipped files, which are empty.
class ConfDir : public Directory {
  public:
    ConfDir() {
        write("clients_ip_whitelist", "");
        write("clients_fqdn_whitelist", "");
    }
    lists::LoadedLists load(const lists::ExtraFiles& extra = {}) const {
        return lists::load_lists(path(), extra, {});
    }
};

}  // namespace

TEST_CASE("each list is read from the file of its name, and not from .local") {
    const ConfDir dir;
    for (const ListName name : lists::all_list_names) {
        dir.write(std::string(text_of(name)), "# first line\n/^match-me/\n192.0.2.1\n");
        dir.write(std::string(text_of(name)) + ".local", "/./\n192.0.2.2\n");
    }
    const auto loaded = dir.load();
    const auto source = [&](const Who& who) {
        const Match match = match_of(*loaded.lists, who);
        return match.by ? std::string(match.by->source) + ":" + std::to_string(match.by->line) : "";
    };
    CHECK(source({.client = "192.0.2.1"}) == dir.path("blacklist_clients:3"));
    CHECK(source({.recipient = "match-me@example.org"}) == dir.path("whitelist_recipients:2"));
    CHECK(source({.sender = "match-me@example.org"}) == dir.path("blacklist_senders:2"));
    CHECK(source({.client_name = "match-me.example.org"}) == dir.path("blacklist_clients:2"));
    CHECK(source({}).empty());
}

TEST_CASE("only missing shipped files are reported, once each") {
    const Directory dir;
    const auto loaded = lists::load_lists(dir.path(), {}, {});
    REQUIRE(loaded.problems.size() == 2);
    for (const auto& problem : loaded.problems) CHECK_FALSE(problem.is_error);
    CHECK(loaded.problems[0].text == dir.path("clients_ip_whitelist: no such file"));
    CHECK(loaded.problems[1].text == dir.path("clients_fqdn_whitelist: no such file"));
    CHECK(ConfDir().load().problems.empty());
    CHECK(lists::load_lists("/nonexistent", {}, {}).problems.size() == 2);
    CHECK(lists::check_local_lists("/nonexistent").empty());
}

TEST_CASE("extra files of clients and recipients are read, and one that is missing is an error") {
    const ConfDir dir;
    const Directory elsewhere;
    elsewhere.write("c", "example.org\n");
    elsewhere.write("r", "abuse@\n");
    const auto loaded = dir.load({{elsewhere.path("c"), elsewhere.path("missing")}, {elsewhere.path("r")}});
    CHECK(match_of(*loaded.lists, {.client_name = "mx.example.org"}).by->source == elsewhere.path("c"));
    CHECK(match_of(*loaded.lists, {.recipient = "abuse@example.net"}).by->source == elsewhere.path("r"));
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].is_error);
    CHECK(loaded.problems[0].text == elsewhere.path("missing: no such file"));
}

TEST_CASE("the setting about senders reaches the lists") {
    const ConfDir dir;
    dir.write("whitelist_senders", "@example.org");
    const Who forged{.sender = "a@example.org"};
    CHECK(match_of(*lists::load_lists(dir.path(), {}, {}).lists, forged).by);
    CHECK_FALSE(match_of(*lists::load_lists(dir.path(), {}, {.senders_need_name = true}).lists, forged).by);
}

TEST_CASE("line ends of Windows, a byte order mark and a missing last line end are survived") {
    const ConfDir dir;
    dir.write("clients_ip_whitelist", "\xef\xbb\xbf# with a mark\r\n192.0.2.1\r\n\r\n   \r\n192.0.2.2");
    dir.write("clients_fqdn_whitelist", "\xef\xbb\xbfmx.example.org\r\n/^a$/\r\n*.example.net");
    const auto loaded = dir.load();
    CHECK(texts_of(loaded.problems).empty());
    CHECK(match_of(*loaded.lists, {.client = "192.0.2.1"}).by->line == 2);
    CHECK(match_of(*loaded.lists, {.client = "192.0.2.2"}).by->line == 5);
    CHECK(match_of(*loaded.lists, {.client_name = "mx.example.org"}).by->line == 1);
    CHECK(match_of(*loaded.lists, {.client_name = "a"}).by->line == 2);
    CHECK(match_of(*loaded.lists, {.client_name = "mx.example.net"}).by->line == 3);
}

TEST_CASE("garbage between good lines is survived") {
    const ConfDir dir;
    dir.write("whitelist_clients", "example.org\n" + std::string(1 << 20, 'x') + "\n\0\0\0\n\xff\xfe\n"s +
                                       std::string(1 << 20, '\0') + "\n\x80.example\n/[/\nexample.net");
    const auto loaded = dir.load();
    CHECK(loaded.problems.size() == 6);
    CHECK(match_of(*loaded.lists, {.client_name = "example.org"}).by->line == 1);
    CHECK(match_of(*loaded.lists, {.client_name = "example.net"}).by->line == 8);
}

TEST_CASE("an unreadable file is an error, and the other lists are in effect") {
    const ConfDir dir;
    dir.write("whitelist_clients", "example.org");
    const std::string path = dir.path("blacklist_clients");
    std::string reason;
    SECTION("a directory") {
        std::filesystem::create_directory(path);
        reason = ": not a regular file";
    }
    SECTION("a device") {
        std::filesystem::create_symlink("/dev/zero", path);
        reason = ": not a regular file";
    }
    SECTION("a fifo that nobody writes to") {
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        reason = ": not a regular file";
    }
    SECTION("a link that leads to itself") {
        std::filesystem::create_symlink(path, path);
        reason = ": Too many levels of symbolic links";
    }
    SECTION("a file larger than a list can be") {
        dir.write("blacklist_clients", "");
        std::filesystem::resize_file(path, (std::uintmax_t{256} << 20) + 1);
        reason = ": more than 256 MiB";
    }
    const auto loaded = dir.load();
    REQUIRE(loaded.problems.size() == 1);
    CHECK(loaded.problems[0].is_error);
    CHECK_THAT(loaded.problems[0].text, StartsWith(path + reason) && Contains("are not in effect"));
    CHECK(match_of(*loaded.lists, {.client_name = "example.org"}).kind == MatchKind::whitelisted);
}

TEST_CASE("a file of unknown size is read") {
    const ConfDir dir;
    std::filesystem::create_symlink("/proc/sys/kernel/ostype", dir.path("whitelist_clients"));
    const auto loaded = dir.load();
    CHECK(texts_of(loaded.problems).empty());
    CHECK(match_of(*loaded.lists, {.client_name = "a.linux"}).by);
}

TEST_CASE(".local files can be checked in advance") {
    const ConfDir dir;
    dir.write("whitelist_clients", "!");
    dir.write("whitelist_clients.local", "\n!");
    std::filesystem::create_directory(dir.path("blacklist_senders.local"));
    const auto problems = lists::check_local_lists(dir.path());
    REQUIRE(problems.size() == 2);
    CHECK_THAT(problems[0].text, StartsWith(dir.path("whitelist_clients.local:2: ")));
    CHECK_THAT(problems[1].text, StartsWith(dir.path("blacklist_senders.local: not a regular file")));
}
