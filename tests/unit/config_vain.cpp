// Settings of what becomes of mail, and warnings of what is set in vain.
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

TEST_CASE("prefixes, counts and switches arrive") {
    const Loaded loaded = load_text(
        "greymethod = prefix\nipv4_prefix = 32\nipv6_prefix = 128\nauto_whitelist_clients = 5\n"
        "message_coherence = off\ntraining = on\nexim = yes\nlists_in_database = no\n"
        "whitelist_senders_verified = 1\noptmethod = OptOut\ndiscrimination = on\n"
        "discrimination_add_rulenr = on\n");
    REQUIRE(problems(loaded).empty());
    const Settings& s = loaded.settings;
    REQUIRE(s.ipv4_prefix == 32);
    REQUIRE(s.ipv6_prefix == 128);
    REQUIRE(s.auto_whitelist_clients == 5);
    REQUIRE_FALSE(s.message_coherence);
    REQUIRE(s.training);
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
    const Loaded loaded = load(file, true, {"", "/srv/x"});
    REQUIRE(problems(loaded).empty());
    REQUIRE(loaded.settings.whitelist_clients == Words{"/etc/a list", "/srv/x/b.txt"});
    REQUIRE(loaded.settings.whitelist_recipients == Words{"/srv/x/c"});
    REQUIRE(in_force(loaded, "whitelist_clients").value == "/etc/a list,/srv/x/b.txt");
    REQUIRE(load_text(print_config(loaded)).settings == loaded.settings);
    REQUIRE(load_text("whitelist_clients = ,, \n").settings.whitelist_clients.empty());
}

TEST_CASE("a prefix without the method that uses it is told") {
    REQUIRE(told("\nipv4_prefix = 20\nipv6_prefix = 48\n") ==
            "2: warning: ipv4_prefix has no effect without greymethod = prefix\n"
            "3: warning: ipv6_prefix has no effect without greymethod = prefix\n");
    REQUIRE(told("ipv4_prefix = 24\nipv6_prefix = 64\n").empty());
    REQUIRE(told("ipv4_prefix = 20\ngreymethod = prefix\n").empty());
}

TEST_CASE("counting clients that are forgotten before the second count is told") {
    REQUIRE(
        told("auto_whitelist_clients = 2\nawl_age = 1h\n") ==
        "1: warning: auto_whitelist_clients has no effect: one retry an hour is counted, and awl_age = 1h "
        "forgets it before the next; raise awl_age\n");
    REQUIRE(told("auto_whitelist_clients = 1\nawl_age = 1h\n").empty());
    REQUIRE(told("auto_whitelist_clients = 5\nawl_age = 3601s\n").empty());
    REQUIRE(told("awl_age = 1h\n").empty());
}

TEST_CASE("a rule's number without rules is told") {
    REQUIRE(told("discrimination_add_rulenr = on\n") ==
            "1: warning: discrimination_add_rulenr has no effect without discrimination = on\n");
    REQUIRE(told("discrimination_add_rulenr = off\n").empty());
    REQUIRE(told("discrimination_add_rulenr = on\ndiscrimination = on\n").empty());
}

TEST_CASE("a header that nobody gets and a name that stands nowhere are told") {
    REQUIRE(told("prepend = off\nx_greylist_header = X: %w\n") ==
            "2: warning: x_greylist_header has no effect with prepend = off\n");
    REQUIRE(told("hostname = mx1\n") ==
            "1: warning: hostname has no effect: x_greylist_header does not say %h\n");
    REQUIRE(told("hostname = mx1\nx_greylist_header = X: %%h\n") ==
            "1: warning: hostname has no effect: x_greylist_header does not say %h\n");
    REQUIRE(told("hostname = mx1\nx_greylist_header = X: at %h\n").empty());
    REQUIRE(told("prepend = off\nx_greylist_header =\n").empty());
}

TEST_CASE("two enhanced codes in one reply are told") {
    const std::string both = "reject_code = 451 4.7.1\ngreylist_text = 4.2.0 Wait\n";
    REQUIRE(told(both + "reject_early_reconnect = immed\n") ==
            "2: warning: greylist_text: both it and reject_code = 451 4.7.1 hold an enhanced code, the reply "
            "would have both; delete one of them\n");
    REQUIRE(told(both + "reject_first_attempt = immed\n").find("2: warning: greylist_text: both") == 0);
    REQUIRE(told(both).empty());
    REQUIRE(told("reject_first_attempt = immed\nreject_code = 451\ngreylist_text = 4.2.0 Wait\n").empty());
    REQUIRE(told("reject_first_attempt = immed\nreject_code = 451 4.7.1\ngreylist_text = Wait\n").empty());
}

TEST_CASE("words that fail2ban takes for an attack are told") {
    for (const char* text : {"Service unavailable", "4.2.0 service UNAVAILABLE, wait %s"}) {
        INFO(text);
        REQUIRE(told(std::string{"greylist_text = "} + text)
                    .find("1: warning: greylist_text begins with Service unavailable: fail2ban takes such") ==
                0);
    }
    REQUIRE(told("greylist_text = Service temporarily unavailable\n").empty());
}
