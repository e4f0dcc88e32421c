// A failing database: mail goes on, it is logged once, and service recovers by itself.
#include "service_fixture.hpp"

namespace sqlgrey::service {

TEST_CASE_METHOD(ServiceTest, "a connection that died while idle is opened again without an outage") {
    store->failing = true;  // until it is opened again
    CHECK(ask(request()) == "defer_if_permit Greylisted for 5 minutes");
    CHECK(opened == 2);
    CHECK(service->available());
    CHECK(log_lines.size() == 1);
    CHECK(mails.empty());
}

TEST_CASE_METHOD(ServiceTest, "when the database fails the whole batch gets the failure policy's answer") {
    server_is_there = false;
    store->failing = true;
    CHECK(ask({request(), request("x@y.org")}) == std::vector<std::string>(2, "dunno"));
    CHECK_FALSE(service->available());
    CHECK(log_lines ==
          std::vector<std::string>{"dbaccess: error: database unavailable: no server; until it is available "
                                   "again, mail is let through (on_db_failure)"});
    CHECK(mails == std::vector<std::string>{"sqlgrey: database unavailable"});
}

TEST_CASE_METHOD(ServiceTest, "on_db_failure = defer defers with a text") {
    rules.pass_without_database = false;
    service = make();
    store->failing = true;
    server_is_there = false;
    CHECK(ask(request()).starts_with("defer_if_permit Greylisting cannot"));
}

TEST_CASE_METHOD(ServiceTest,
                 "an outage is logged once when it begins and once when it ends, with its cost") {
    store->failing = true;
    server_is_there = false;
    ask(request());
    for (int i = 0; i < 5; ++i) {
        clock.advance(1s);
        service->recover();
        CHECK_FALSE(service->available());
    }
    ask_without_database(std::vector(7, request()));
    CHECK(log_lines.size() == 1);
    server_is_there = true;
    service->recover();
    CHECK(service->available());
    CHECK(log_lines.size() == 2);
    CHECK(log_lines.back() ==
          "dbaccess: database available again after 5 s, 8 requests were answered without it");
    CHECK(mails.size() == 2);
    CHECK(ask(request()) == "defer_if_permit Greylisted for 5 minutes");
}

TEST_CASE_METHOD(ServiceTest, "several workers log one outage once") {
    Outage second(board, 1);
    CHECK(outage.begins(clock.now(), Outage::Cause::lost));
    CHECK_FALSE(second.begins(clock.now(), Outage::Cause::lost));
    CHECK_FALSE(second.begins(clock.now(), Outage::Cause::lost));
    outage.answered_without(3);
    second.answered_without(4);
    clock.advance(9s);
    CHECK_FALSE(outage.opened(clock.now()));
    const auto over = second.opened(clock.now());
    REQUIRE(over);
    CHECK(over->lasted == 9s);
    CHECK(over->answered == 7);
    CHECK_FALSE(outage.opened(clock.now()));
}

TEST_CASE_METHOD(ServiceTest,
                 "a worker that died in an outage is forgotten when another has its number, or none") {
    outage.begins(clock.now(), Outage::Cause::lost);
    Outage(board, 1).begins(clock.now(), Outage::Cause::lost);
    Outage(board, 2).begins(clock.now(), Outage::Cause::lost);
    CHECK_FALSE(outage.opened(clock.now()));
    Outage successor(board, 1);
    CHECK_FALSE(outage.opened(clock.now()));
    forget_slots_from(board, 2);
    CHECK(outage.opened(clock.now()));
}

TEST_CASE_METHOD(ServiceTest, "giving up interrupts the store, and the store is opened again") {
    service->give_up();
    CHECK(store->interrupted);
    CHECK_FALSE(service->available());
    CHECK(
        log_lines.at(0) ==
        "dbaccess: error: database unavailable: no answer within 2000 ms (db_timeout); until it is available "
        "again, mail is let through (on_db_failure)");
    service->recover();
    CHECK(opened == 2);
    CHECK(service->available());
}

TEST_CASE_METHOD(ServiceTest, "a lock that another worker could not get is not waited for again") {
    outage.begins(clock.now(), Outage::Cause::stalled);
    CHECK_FALSE(service->available());
    service->recover();
    CHECK(opened == 2);
    CHECK(service->available());
}

TEST_CASE_METHOD(ServiceTest, "connections of two workers that fail one after the other are one outage") {
    outage.begins(clock.now(), Outage::Cause::stalled);
    outage.opened(clock.now());  // the other worker has reconnected already
    service->give_up();
    CHECK(log_lines.empty());
    CHECK_FALSE(service->available());
    service->recover();
    CHECK(opened == 2);
    CHECK(service->available());
    service->give_up();
    CHECK(log_lines.size() == 1);
}

TEST_CASE_METHOD(ServiceTest, "an outage that began with a write is over when a write succeeds, not before") {
    store->disk_full = true;
    CHECK(ask(request()) == "dunno");
    CHECK(log_lines.size() == 1);
    for (int i = 0; i < 3; ++i) {
        clock.advance(1s);
        service->recover();
        CHECK(service->available());
        CHECK(ask(request()) == "dunno");
    }
    CHECK(log_lines.size() == 1);
    store->disk_full = false;
    service->recover();
    CHECK(log_lines.size() == 1);
    CHECK(ask(request()) == "defer_if_permit Greylisted for 5 minutes");
    CHECK(log_lines.at(1) ==
          "dbaccess: database available again after 3 s, 4 requests were answered without it");
    CHECK(mails.size() == 2);
}

TEST_CASE_METHOD(ServiceTest, "a batch that was given up leaves no rows afterwards") {
    store->failing = true;
    service->give_up();
    CHECK(ask(request()) == "dunno");
    CHECK(opened == 1);
    CHECK(store->connect.empty());
}

TEST_CASE_METHOD(ServiceTest, "without a database at the start requests are answered, and later it is used") {
    server_is_there = false;
    service = make();
    CHECK(ask(request()) == "dunno");
    server_is_there = true;
    service->recover();
    CHECK(ask(request()) == "defer_if_permit Greylisted for 5 minutes");
}

TEST_CASE_METHOD(ServiceTest,
                 "an error of the database is logged as such, not as an outage, and again every hour") {
    refusal = "no such column: rcpt (statement look_up)";
    store->failing = true;
    server_is_there = false;
    CHECK(ask(request()) == "dunno");
    CHECK(log_lines ==
          std::vector<std::string>{"dbaccess: error: database cannot be used: no such column: rcpt "
                                   "(statement look_up); until it is corrected, mail is let "
                                   "through (on_db_failure)"});
    CHECK(mails == std::vector<std::string>{"sqlgrey: database cannot be used"});
    for (int minute = 0; minute < 59; ++minute) {
        clock.advance(60s);
        service->recover();
    }
    CHECK(log_lines.size() == 1);
    clock.advance(61s);
    service->recover();
    CHECK(log_lines.size() == 2);
    CHECK(mails.size() == 2);
    server_is_there = true;
    service->recover();
    CHECK(log_lines.back() ==
          "dbaccess: database available again after 3601 s, 1 requests were answered without it");
}

TEST_CASE_METHOD(ServiceTest, "an outage that becomes an error is logged as an error too") {
    store->failing = true;
    server_is_there = false;
    ask(request());
    refusal = "password authentication failed";
    service->recover();
    CHECK(log_lines.size() == 2);
    CHECK(log_lines.back().starts_with("dbaccess: error: database cannot be used: password"));
}

TEST_CASE_METHOD(ServiceTest, "the pause before the next attempt grows, and more for an error") {
    server_is_there = false;
    service = make();
    CHECK(service->pause_before_recover() == 500ms);
    for (int i = 0; i < 5; ++i) service->recover();
    CHECK(service->pause_before_recover() == 1s);
    refusal = "password authentication failed";
    service->recover();
    CHECK(service->pause_before_recover() == 5s);
    server_is_there = true;
    service->recover();
    ask(request());
    store->failing = true;
    server_is_there = false;
    refusal.clear();
    ask(request());
    CHECK(service->pause_before_recover() == 500ms);
}

TEST_CASE_METHOD(ServiceTest,
                 "requests whose rows are locked are let through, the rest of the batch is decided") {
    store->locked_sources.insert("192.0.2.25");
    policy::Request other = request();
    other.set("client_address", "198.51.100.7");
    CHECK(ask({request(), other}) ==
          std::vector<std::string>{"dunno", "defer_if_permit Greylisted for 5 minutes"});
    CHECK(service->available());
    CHECK(opened == 1);
    CHECK(store->connect.size() == 1);
    CHECK(logged(
        "dbaccess: warning: another transaction keeps rows locked that 1 requests need: their mail is let "
        "through (on_db_failure); end that transaction"));
    CHECK(ask({request(), request()}) == std::vector<std::string>(2, "dunno"));
    CHECK(log_lines.size() == 2);  // with the line of the other request
    clock.advance(61s);
    ask(request());
    CHECK(log_lines.size() == 3);
    CHECK(log_lines.back().find("that 3 requests need") != std::string::npos);
}

TEST_CASE_METHOD(ServiceTest, "a warning of the opening is logged and mailed") {
    opening_warnings = {"the file was damaged"};
    service->give_up();
    service->recover();
    CHECK(logged("dbaccess: the file was damaged"));
    CHECK(mails.size() == 3);
}

// Postfix asks for each recipient of a message; an accepted one lets the others pass.
TEST_CASE_METHOD(ServiceTest, "a message is accepted only when its acceptance has been written") {
    ask(request("alice@example.org", "a@example.net", "m1"));
    clock.advance(301s);
    SECTION("not when the write fails") {
        store->disk_full = true;
        CHECK(ask(request("alice@example.org", "a@example.net", "m1")) == "dunno");
        store->disk_full = false;
        service->recover();
        CHECK(ask(request("alice@example.org", "b@example.net", "m1")).starts_with("defer_if_permit"));
    }
    SECTION("not when its row is locked") {
        store->locked_sources.insert("192.0.2.25");
        CHECK(ask(request("alice@example.org", "a@example.net", "m1")) == "dunno");
        store->locked_sources.clear();
        CHECK(ask(request("alice@example.org", "b@example.net", "m1")).starts_with("defer_if_permit"));
    }
    SECTION("and the batch that is repeated after a lost connection decides as the first time") {
        store->writes_to_fail = 1;
        const auto replies = ask({request("carl@example.org", "c@example.net", "m1"),
                                  request("alice@example.org", "a@example.net", "m1")});
        CHECK(replies[0].starts_with("defer_if_permit"));
        CHECK(replies[1].starts_with("PREPEND"));
    }
}

}  // namespace sqlgrey::service
