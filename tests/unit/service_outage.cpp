// A database that fails: mail goes on, it is told once, and comes back by itself.
#include "service_fixture.hpp"

namespace sqlgrey::service {

TEST_CASE_METHOD(ServiceTest, "a connection that died while idle is made anew and nobody notices") {
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
          std::vector<std::string>{"dbaccess: error: the database is away: no server; until it is "
                                   "back, mail is let through (on_db_failure)"});
    CHECK(mails == std::vector<std::string>{"sqlgrey: the database is away"});
}

TEST_CASE_METHOD(ServiceTest, "on_db_failure = defer defers with a text") {
    rules.pass_without_database = false;
    service = make();
    store->failing = true;
    server_is_there = false;
    CHECK(ask(request()).starts_with("defer_if_permit Greylisting cannot"));
}

TEST_CASE_METHOD(ServiceTest,
                 "an outage is told once when it begins and once when it ends, with what it cost") {
    store->failing = true;
    server_is_there = false;
    ask(request());
    for (int i = 0; i < 5; ++i) {
        clock.advance(1s);
        service->recover();
        CHECK_FALSE(service->available());
    }
    const policy::Request one = request();
    service->answer_without_database(std::vector<const policy::Request*>(7, &one));
    CHECK(log_lines.size() == 1);
    server_is_there = true;
    service->recover();
    CHECK(service->available());
    CHECK(log_lines.size() == 2);
    CHECK(log_lines.back() ==
          "dbaccess: the database is back after 5 s, 8 requests were answered without it");
    CHECK(mails.size() == 2);
    CHECK(ask(request()) == "defer_if_permit Greylisted for 5 minutes");
}

TEST_CASE_METHOD(ServiceTest, "several workers tell of one outage once") {
    Outage second(board);
    CHECK(outage.begins(clock.now(), Outage::How::lost));
    CHECK_FALSE(second.begins(clock.now(), Outage::How::lost));
    CHECK_FALSE(second.begins(clock.now(), Outage::How::lost));
    outage.answered_without(3);
    second.answered_without(4);
    clock.advance(9s);
    // Both share this process's cell, so the first to be back ends it.
    const auto over = outage.ends(clock.now());
    REQUIRE(over);
    CHECK(over->lasted == 9s);
    CHECK(over->answered == 7);
    CHECK_FALSE(second.ends(clock.now()));
}

TEST_CASE_METHOD(ServiceTest, "an outage lasts until the last worker is out of it, dead ones not counted") {
    outage.begins(clock.now(), Outage::How::lost);
    board.cells[1].pid = 1;  // init: lives
    board.cells[1].away = true;
    CHECK_FALSE(outage.ends(clock.now()));
    board.cells[1].pid = 999'999'999;  // nobody
    CHECK(outage.ends(clock.now()));
}

TEST_CASE_METHOD(ServiceTest, "giving up interrupts the store, and the store is opened anew") {
    service->give_up();
    CHECK(store->interrupted);
    CHECK_FALSE(service->available());
    CHECK(log_lines.at(0) ==
          "dbaccess: error: the database is away: no answer within 2000 ms (db_timeout); until it is back, "
          "mail is let through "
          "(on_db_failure)");
    service->recover();
    CHECK(opened == 2);
    CHECK(service->available());
}

TEST_CASE_METHOD(ServiceTest, "what another worker has waited for in vain is not waited for again") {
    outage.begins(clock.now(), Outage::How::frozen);
    CHECK_FALSE(service->available());
    service->recover();
    CHECK(opened == 2);
    CHECK(service->available());
}

TEST_CASE_METHOD(ServiceTest,
                 "what swallowed another worker's connection and then this one's is one outage") {
    outage.begins(clock.now(), Outage::How::frozen);
    outage.ends(clock.now());  // the other worker has it back already
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
    CHECK(log_lines.at(1) == "dbaccess: the database is back after 3 s, 4 requests were answered without it");
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

}  // namespace sqlgrey::service
