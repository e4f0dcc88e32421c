// A database as SQLgrey 1.8 left it, for the tests of taking it over.
#pragma once

#include "database.hpp"
#include "sqlgrey/store/schema_report.hpp"

namespace sqlgrey::store {

using namespace std::chrono_literals;
inline const base::Time now = base::at(1'700'000'000);
inline const greylist::Policy policy{};

// The tables as SQLgrey 1.8 makes them: no key on connect, and on MySQL the collation of the database.
inline void make_perl_tables(TestDatabase& database) {
    const std::string name = "sender_name varchar(64) not null, sender_domain varchar(255) not null, ";
    const std::string source = "src varchar(39) not null, ";
    const std::string domain = "sender_domain varchar(255) not null, ";
    const std::string times = "first_seen timestamp not null, last_seen timestamp not null, ";
    if (database_under_test() == Database::mysql) database.sql() << "set sql_mode = ''";
    database.sql() << "create table from_awl (" + name + source + times +
                          "primary key (src, sender_domain, sender_name))";
    database.sql() << "create index from_awl_lseen on from_awl (last_seen)";
    database.sql() << "create table domain_awl (" + domain + source + times +
                          "primary key (src, sender_domain))";
    database.sql() << "create index domain_awl_lseen on domain_awl (last_seen)";
    database.sql() << "create table connect (" + name + source +
                          "rcpt varchar(255) not null, first_seen timestamp not null)";
    database.sql() << "create index connect_idx on connect (src, sender_domain, sender_name)";
    database.sql() << "create index connect_fseen on connect (first_seen)";
    for (const std::string list : {"optin_domain", "optout_domain"})
        database.sql() << "create table " + list + " (domain varchar(255) not null, primary key (domain))";
    for (const std::string list : {"optin_email", "optout_email"})
        database.sql() << "create table " + list + " (email varchar(255) not null, primary key (email))";
    database.sql() << "create table config (parameter varchar(255) not null, value varchar(255), primary key "
                      "(parameter))";
    database.sql() << "insert into config (parameter, value) values ('version', '3')";
    database.sql() << "insert into config (parameter, value) values ('last_dbclean', '1699999999')";
}

struct TakeOver {
    TestDatabase database;
    base::ManualClock clock{now};

    TakeOver() { make_perl_tables(database); }

    // Opens a store as the daemon does at its start, and sets `report` to what that did to the tables.
    std::unique_ptr<greylist::Store> open() {
        report = {};
        return open_store(database.target(), &clock,
                          {.schema = [&](const SchemaReport& told) { report = told; }});
    }
    SchemaReport report;

    void run(const std::vector<std::string>& statements) {
        for (const std::string& statement : statements) database.sql() << statement;
    }

    void connect_row(const std::string& sender, base::Time first_seen,
                     const std::string& rcpt = "bob@example.net") {
        database.sql()
            << "insert into connect (sender_name, sender_domain, src, rcpt, first_seen) values ('" + sender +
                   "', 'example.org', '192.0.2', '" + rcpt + "', " + database.timestamp(first_seen) + ")";
    }
    void from_row(const std::string& sender, base::Time first_seen, base::Time last_seen) {
        database.sql()
            << "insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen) values ('" +
                   sender + "', 'example.org', '192.0.2', " + database.timestamp(first_seen) + ", " +
                   database.timestamp(last_seen) + ")";
    }
    greylist::Known known(greylist::Store& store, const std::string& sender) {
        const greylist::Triplet t{"192.0.2", "example.org", sender, sender, "bob@example.net"};
        return store.look_up(std::span(&t, 1), policy).known.at(0);
    }
};

}  // namespace sqlgrey::store
