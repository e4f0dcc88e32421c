// Files in conf_dir that are not read, because their names are not quite those of lists.
#include "lists_fixture.hpp"

#include <catch2/catch.hpp>

using namespace lists_test;
using Catch::Matchers::Contains;

namespace {

std::string told(const std::string& name, const lists::ExtraFiles& extra = {}) {
    const Directory dir;
    dir.write(name, "");
    std::string texts = texts_of(lists::check_file_names(dir.path(), extra));
    for (std::size_t at = 0; (at = texts.find(dir.path())) != std::string::npos;)
        texts.erase(at, dir.path().size() + 1);
    return texts;
}

}  // namespace

TEST_CASE("a name that is nearly that of a list is told, with the one that is meant") {
    for (const auto& [name, meant] : std::vector<std::pair<std::string, std::string>>{
             {"whitelist_client.local", "whitelist_clients.local"},
             {"client_ip_whitelist.local", "clients_ip_whitelist.local"},
             {"clients_ip_whitelists.local", "clients_ip_whitelist.local"},
             {"clients_fdqn_whitelist.local", "clients_fqdn_whitelist.local"},
             {"Blacklist_clients.local", "blacklist_clients.local"},
             {"blacklist-senders.local", "blacklist_senders.local"},
             {"whitelist_clients.locl", "whitelist_clients.local"},
             {"whitelist_sender", "whitelist_senders"},
             {"whitelist_recipient", "whitelist_recipients"},
             {"never_whitelist_client", "never_whitelist_clients"},
             {"dyn_fqdn.regex", "dyn_fqdn.regexp"},
             {"discriminaton.regexp", "discrimination.regexp"}}) {
        CHECK(told(name) == "warning: " + name + ": no list has that name, so it is not read; did you mean " +
                                meant + "?\n");
    }
}

TEST_CASE("a file that ends in .local and is not a list is reported, with the names of all lists") {
    for (const char* name : {"greylist.local", "my.local", "discrimination.regexp.local"}) {
        CAPTURE(name);
        CHECK_THAT(
            told(name),
            Contains("no list has that name, so it is not read; the lists are clients_ip_whitelist, "));
    }
    CHECK_THAT(told("a\nb.local"), Contains("warning: a\\x0ab.local: no list"));
}

TEST_CASE("lists, other files and copies are passed over") {
    for (const ListName name : lists::all_list_names) {
        CHECK(told(std::string(text_of(name))).empty());
        CHECK(told(std::string(text_of(name)) + ".local").empty());
    }
    for (const char* name :
         {"sqlgrey.conf", "README", "smtp_server.regexp", "dyn_fqdn.regexp", "discrimination.regexp",
          "dont_db_clean", "whitelist_clients.dist", "clients_ip_whitelist.dpkg-old", "whitelist_clients~",
          "whitelist_clients.local~", ".whitelist_clients.local.swp", "#whitelist_clients.local#", "password",
          "whitelist_clients.bak"}) {
        CAPTURE(name);
        CHECK(told(name).empty());
    }
    CHECK(told(std::string(200, 'x') + "whitelist_clients").empty());
    CHECK(lists::check_file_names("/nonexistent", {}).empty());
}

TEST_CASE("a file named in the settings is read, whatever its name") {
    const Directory dir;
    dir.write("whitelist_client", "");
    dir.write("recipients.local", "");
    CHECK(
        lists::check_file_names(dir.path(), {{dir.path("whitelist_client")}, {dir.path("recipients.local")}})
            .empty());
    CHECK(lists::check_file_names(dir.path(), {}).size() == 2);
}

TEST_CASE("reading at the start reports such names too") {
    const Directory dir;
    dir.write("clients_ip_whitelist", "");
    dir.write("clients_fqdn_whitelist", "");
    dir.write("whitelist_client.local", "192.0.2.0/24");
    CHECK_THAT(texts_of(lists::load_lists(dir.path(), {}, {}).problems),
               Contains("did you mean whitelist_clients.local?"));
}
