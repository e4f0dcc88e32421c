// Tables that were used for years: with somebody's own keys, columns, indexes, engines and dates, or with
// parts missing.
#include "sqlgrey/store/cleaning.hpp"
#include "takeover_fixture.hpp"

#include <map>
#include <set>
#include <thread>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sqlgrey::store {

using greylist::PutConnect;
using greylist::PutFromAwl;
using greylist::StoreError;
using greylist::Triplet;

namespace {

// What somebody did to the table connect, and the column that this added.
struct Altered {
    std::vector<std::string> statements;
    std::string column = "";
};

const std::map<Database, std::vector<Altered>> alterations{
    {Database::mysql,
     {{{"alter table connect add id int primary key auto_increment first"}, "id"},
      {{"alter table connect add node char(36) not null default (uuid()), add primary key (node)"}, "node"},
      {{"alter table connect add primary key (rcpt, sender_name, src, sender_domain)"}},
      {{"alter table connect add unique key mine (sender_name, sender_domain, src, rcpt)"}},
      {{"alter table connect add n bigint not null auto_increment, add key (n)"}, "n"},
      {{"alter table connect add note varchar(20) default 'x'", "alter table connect drop key connect_idx"},
       "note"},
      {{"alter table connect convert to character set latin1, engine = myisam"}},
      {{"alter table connect convert to character set latin1, engine = aria",
        "alter table from_awl convert to character set latin1, engine = myisam"}},
      {{"alter table connect modify src varchar(15) not null, modify rcpt varchar(100) not null"}},
      {{"alter table connect add primary key (src, sender_domain, sender_name, rcpt, first_seen)"}}}},
    {Database::postgresql,
     {{{"alter table connect add id serial primary key"}, "id"},
      {{"alter table connect add node uuid not null default gen_random_uuid() primary key"}, "node"},
      {{"alter table connect add primary key (rcpt, sender_name, src, sender_domain)"}},
      {{"create unique index mine on connect (sender_name, sender_domain, src, rcpt)"}},
      {{"create unique index part on connect (src, sender_domain, sender_name, rcpt) where src like '9%'"}},
      {{"alter table connect add note text", "create view waiting as select * from connect"}, "note"},
      {{"alter table connect alter src type varchar(15), alter rcpt type text"}},
      {{"alter table connect add primary key (src, sender_domain, sender_name, rcpt, first_seen)"}}}},
    {Database::sqlite,
     {{{"alter table connect add id integer"}, "id"},
      {{"alter table connect add note text default 'x'", "create index by_note on connect (note)"}, "note"},
      {{"create unique index mine on connect (sender_name, sender_domain, src, rcpt)"}},
      {{"create unique index part on connect (src, sender_domain, sender_name, rcpt) where src like '9%'"}},
      {{"create view waiting as select src, count(*) as n from connect group by src"}},
      {{"create table log (what text)",
        "create trigger told after insert on connect begin insert into log values (new.src); end"}},
      {{"drop table connect",
        "create table connect (id integer primary key autoincrement, sender_name varchar(64) not null, "
        "sender_domain "
        "varchar(255) not null, src varchar(39) not null, rcpt varchar(255) not null, first_seen timestamp "
        "not null)"},
       "id"},
      {{"drop index connect_idx", "drop index connect_fseen"}}}}};

// The alterations of this database, and one that changes nothing.
std::vector<Altered> altered() {
    std::vector<Altered> all{{}};
    const std::vector<Altered>& of_database = alterations.at(database_under_test());
    all.insert(all.end(), of_database.begin(), of_database.end());
    return all;
}

struct Altering : TakeOver {
    Altering() {
        if (database_under_test() == Database::postgresql) database.sql() << "drop view if exists waiting";
    }
    ~Altering() {
        if (database_under_test() == Database::postgresql) database.sql() << "drop view if exists waiting";
    }

    bool has_column(const std::string& table, const std::string& column) {
        try {
            database.text("select " + column + " from " + table + " limit 1");
            return true;
        } catch (const soci::soci_error&) {
            return false;
        }
    }
    bool refuses_a_twin() {
        const std::string row =
            "insert into connect (sender_name, sender_domain, src, rcpt, first_seen) values "
            "('twin', 'example.org', '192.0.2', 'bob@example.net', " +
            database.timestamp(now) + ")";
        database.sql() << row;
        try {
            database.sql() << row;
        } catch (const soci::soci_error&) {
        }
        return database.number("select count(*) from connect where sender_name = 'twin'") == 1;
    }
    std::set<std::string> indexes_of_connect() {
        std::map<Database, std::string> query{
            {Database::sqlite, "select name from pragma_index_list('connect')"},
            {Database::postgresql, "select indexname from pg_indexes where tablename = 'connect'"},
            {Database::mysql,
             "select distinct index_name from information_schema.statistics where table_schema = database() "
             "and "
             "table_name = 'connect'"}};
        std::set<std::string> names;
        soci::rowset<std::string> rows = (database.sql().prepare << query.at(database_under_test()));
        for (const std::string& name : rows) names.insert(name);
        return names;
    }
};

std::string refusal(TakeOver& take_over) {
    try {
        take_over.open();
    } catch (const StoreError& error) {
        CHECK(error.fault() == StoreError::Fault::schema);
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("whatever key connect has, its rows are taken over and each triplet has one from then on") {
    for (std::size_t i = 0; i < altered().size(); ++i) {
        const Altered one = altered()[i];
        Altering t;
        CAPTURE(i, one.statements);
        t.run(one.statements);
        t.connect_row("alice", now - 400s);
        try {
            t.connect_row("alice", now - 300s);
        } catch (const soci::soci_error&) {
            // This alteration has added our key.
        }
        const auto store = t.open();
        CHECK(t.report.taken_over == RowCounts{0, 0, 1});
        CHECK(t.report.not_done.empty());
        CHECK(t.known(*store, "alice").connect == now - 400s);
        if (!one.column.empty()) CHECK(t.has_column("connect", one.column));
        CHECK(t.refuses_a_twin());

        const Triplet carol{"192.0.2", "example.org", "carol", "carol", "bob@example.net"};
        for (const base::Time when : {now - 30h, now - 60s})
            store->remember(std::vector<greylist::Change>{PutConnect{carol, when, when - 24h}});
        CHECK(t.known(*store, "carol").connect == now - 60s);
        store->remember(
            std::vector<greylist::Change>{PutFromAwl{"192.0.2", "example.org", "carol", now, now}});
        CHECK(t.known(*store, "carol").from_awl);
        CHECK(t.database.number("select count(*) from connect where sender_name = 'carol'") == 0);

        // Nothing is left to do or to report.
        t.open();
        CHECK(t.report.empty());
    }
}

TEST_CASE_METHOD(Altering, "an index that is not ours and one that serves the lookup are kept") {
    const std::map<Database, std::string> key{
        {Database::sqlite, "create unique index mine on connect (rcpt, sender_name, src, sender_domain)"},
        {Database::postgresql,
         "alter table connect add constraint mine primary key (rcpt, sender_name, src, sender_domain)"},
        {Database::mysql, "alter table connect add unique key mine (rcpt, sender_name, src, sender_domain)"}};
    run({key.at(database_under_test())});
    open();
    CHECK(indexes_of_connect().contains("mine"));
    CHECK(indexes_of_connect().contains("connect_idx"));
    const std::string drop = database_under_test() == Database::mysql ? "drop index connect_idx on connect"
                                                                      : "drop index connect_idx";
    run({drop});
    open();
    CHECK(indexes_of_connect().contains("connect_idx"));
}

TEST_CASE_METHOD(Altering,
                 "auto-whitelists without a key: the least first_seen and the greatest last_seen stay") {
    run({"drop table from_awl", "drop table domain_awl",
         "create table from_awl (sender_name varchar(64) not null, sender_domain varchar(255) not null, src "
         "varchar(39) "
         "not null, first_seen timestamp not null default current_timestamp, last_seen timestamp not null "
         "default "
         "current_timestamp, note varchar(10))",
         "create table domain_awl (sender_domain varchar(255) not null, src varchar(39) not null, first_seen "
         "timestamp "
         "not null default current_timestamp, last_seen timestamp not null default current_timestamp)"});
    from_row("dave", now - 900h, now - 800h);
    from_row("dave", now - 700h, now - 10h);
    from_row("dave", now - 1000h, now - 950h);
    from_row("erin", now - 5h, now - 4h);
    const auto store = open();
    CHECK(report.taken_over == RowCounts{2, 0, 0});
    CHECK(report.merged == 2);
    CHECK(known(*store, "dave").from_awl == greylist::Seen{now - 1000h, now - 10h});
    CHECK(known(*store, "erin").from_awl == greylist::Seen{now - 5h, now - 4h});
    CHECK(has_column("from_awl", "note"));
    store->remember(std::vector<greylist::Change>{PutFromAwl{"192.0.2", "example.org", "erin", now, now}});
    CHECK(database.rows("from_awl") == 2);
}

TEST_CASE_METHOD(Altering, "rows with the date 0000-00-00 are taken over", "[mysql]") {
    run({"set sql_mode = ''", "alter table connect add id int primary key auto_increment",
         "insert into connect (sender_name, sender_domain, src, rcpt, first_seen) values ('zero', "
         "'example.org', "
         "'192.0.2', 'bob@example.net', '0000-00-00 00:00:00'), ('zero', 'example.org', '192.0.2', "
         "'bob@example.net', "
         "'0000-00-00 00:00:00')",
         "alter table from_awl modify last_seen timestamp not null default '0000-00-00 00:00:00'",
         "insert into from_awl (sender_name, sender_domain, src) values ('zero', 'example.org', '192.0.2')"});
    from_row("dave", now - 900h, now - 800h);
    const auto store = open();
    CHECK(report.taken_over == RowCounts{2, 0, 1});
    CHECK(known(*store, "dave").from_awl == greylist::Seen{now - 900h, now - 800h});
    const auto cleaning = open_cleaning(database.target(), &clock);
    CHECK(cleaning->expire_connect(24h, [](std::span<const greylist::NeverRetried>) {}) == 1);
}

TEST_CASE_METHOD(Altering,
                 "a column of somebody's that must have a value: the start says which and what to type") {
    const bool mysql = database_under_test() == Database::mysql;
    if (database_under_test() == Database::sqlite)
        run({"drop table connect",
             "create table connect (sender_name varchar(64) not null, sender_domain varchar(255) not null, "
             "src "
             "varchar(39) not null, rcpt varchar(255) not null, first_seen timestamp not null, host text not "
             "null)"});
    else
        run({"alter table connect add host varchar(20) not null"});
    const std::string message = refusal(*this);
    CHECK_THAT(message,
               Catch::Contains("table connect has a column host that must not be empty and has no default"));
    if (mysql)
        CHECK_THAT(message, Catch::Contains("\"alter table connect alter column host set default ''\""));
    const std::size_t from = message.find('"') + 1;
    run({message.substr(from, message.rfind('"') - from)});
    CHECK(refusal(*this).empty());
    CHECK(refuses_a_twin());
}

TEST_CASE_METHOD(Altering, "an index that lets too few rows in: the start says which and what to type") {
    run({"create unique index one_each on connect (src, sender_domain)"});
    const std::string message = refusal(*this);
    CHECK_THAT(message, Catch::Contains("index one_each of table connect lets only one row in"));
    const std::size_t from = message.find('"') + 1;
    run({message.substr(from, message.rfind('"') - from)});
    CHECK(refusal(*this).empty());
}

TEST_CASE("tables, columns and indexes that somebody dropped are made again") {
    const std::string on = database_under_test() == Database::mysql ? " on connect" : "";
    for (const std::string& statement : std::vector<std::string>{
             "drop table connect", "drop table from_awl", "drop table domain_awl", "drop table client_awl",
             "drop table config", "drop table lists", "drop table optin_domain", "drop table optin_email",
             "drop table optout_domain", "drop table optout_email", "drop index connect_fseen" + on,
             "alter table client_awl drop column passes", "alter table lists drop column last_hit",
             "delete from config", "delete from config where parameter = 'version'"}) {
        CAPTURE(statement);
        TakeOver t;
        t.from_row("dave", now - 900h, now - 8h);
        t.connect_row("alice", now - 400s);
        t.open();
        t.run({statement});
        const auto store = t.open();
        CHECK_FALSE(t.report.taken_over);
        if (statement.find("delete") != 0) CHECK(t.report.done.size() >= 1);
        CHECK(t.known(*store, "alice").connect.has_value() == (statement != "drop table connect"));
        CHECK(t.known(*store, "dave").from_awl.has_value() == (statement != "drop table from_awl"));
        CHECK(t.database.text("select value from config where parameter = 'version'") == "3");
        t.open();
        CHECK(t.report.empty());
        for (const char* table : {"lists", "client_awl", "optin_domain", "optout_email", "domain_awl"})
            CHECK(t.database.rows(table) == 0);
    }
}

TEST_CASE_METHOD(Altering,
                 "a key column that is missing: the start says what to type, and then makes the table") {
    open();
    run({"drop table connect",
         "create table connect (sender_name varchar(64) not null, first_seen timestamp not null)"});
    const std::string message = refusal(*this);
    CHECK_THAT(message, Catch::Contains("table connect has no column sender_domain"));
    const std::size_t from = message.find('"') + 1;
    run({"drop table if exists connect_old", message.substr(from, message.rfind('"') - from)});
    CHECK(refusal(*this).empty());
    CHECK(refuses_a_twin());
    run({"drop table connect_old"});
}

TEST_CASE_METHOD(Altering, "the tables of a newer sqlgrey are refused with both levels and what to do") {
    open();
    run({"update config set value = '99' where parameter = 'sqlgrey_schema'"});
    CHECK_THAT(refusal(*this), Catch::Contains("the tables have level 99") &&
                                   Catch::Contains("levels up to 5") &&
                                   Catch::Contains("install that version"));
    CHECK(database.text("select value from config where parameter = 'sqlgrey_schema'") == "99");
}

TEST_CASE("a take-over that is killed anywhere is done to the same end by the next") {
    for (int killed_after_ms = 0; killed_after_ms < 60; killed_after_ms += 3) {
        CAPTURE(killed_after_ms);
        Altering t;
        if (database_under_test() == Database::mysql)
            t.run({"alter table from_awl convert to character set koi8r",
                   "insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen) values "
                   "(_utf8mb4 x'D0BFD0BED187D182D0B0', 'example.org', '192.0.2', now(), now())",
                   "alter table connect add id int primary key auto_increment"});
        for (int i = 0; i < 60; ++i)
            t.connect_row("n" + std::to_string(i % 30), now - std::chrono::seconds(i));
        const pid_t child = ::fork();
        if (child == 0) {
            try {
                open_store(t.database.target(), &t.clock);
            } catch (const std::exception&) {
            }
            ::_exit(0);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(killed_after_ms));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        const auto store = t.open();
        CHECK(t.database.rows("connect") == 30);
        for (int i = 0; i < 30; ++i)
            CHECK(t.known(*store, "n" + std::to_string(i)).connect == now - std::chrono::seconds(i + 30));
        if (database_under_test() == Database::mysql)
            CHECK(t.known(*store, "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0").from_awl);
        CHECK(t.refuses_a_twin());
        CHECK_FALSE(t.has_column("connect", "sqlgrey_row"));
    }
}

}  // namespace sqlgrey::store
