#include "database.hpp"

#include <cstdlib>
#include <filesystem>

#include <soci/mysql/soci-mysql.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace sqlgrey::store {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

}  // namespace

Database database_under_test() {
    const std::string name = environment("SQLGREY_TEST_DATABASE");
    if (name == "postgresql") return Database::postgresql;
    if (name == "mysql") return Database::mysql;
    if (name.empty() || name == "sqlite") return Database::sqlite;
    throw std::runtime_error("SQLGREY_TEST_DATABASE is " + name);
}

TestDatabase::TestDatabase() {
    target_.database = database_under_test();
    if (target_.database == Database::sqlite) {
        std::string pattern = std::filesystem::temp_directory_path().string() + "/sqlgrey-store-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
        target_.name = directory_ + "/sqlgrey.db";
        session_.open(soci::sqlite3, target_.name);
        session_ << "pragma busy_timeout = 5000";
        return;
    }
    target_.name = environment("SQLGREY_TEST_NAME");
    target_.user = environment("SQLGREY_TEST_USER");
    target_.hosts = {{environment("SQLGREY_TEST_HOST"), std::atoi(environment("SQLGREY_TEST_PORT").c_str())}};
    if (target_.database == Database::postgresql)
        session_.open(soci::postgresql, "dbname=" + target_.name + " user=" + target_.user +
                                            " host=" + target_.hosts[0].name +
                                            " port=" + std::to_string(target_.hosts[0].port));
    else
        session_.open(soci::mysql, "db=" + target_.name + " user=" + target_.user +
                                       " host=" + target_.hosts[0].name +
                                       " port=" + std::to_string(target_.hosts[0].port) + " charset=latin1");
    drop_everything();
}

TestDatabase::~TestDatabase() {
    session_.close();
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
}

void TestDatabase::drop_everything() {
    for (const char* table : {"connect", "from_awl", "domain_awl", "config", "optin_domain", "optin_email",
                              "optout_domain", "optout_email", "client_awl", "lists", "pool", "organisation",
                              "expectation", "daily", "daily_delay", "fact", "spf_network"})
        session_ << "drop table if exists " << table;
}

std::string TestDatabase::timestamp(base::Time time) const {
    const std::string seconds = std::to_string(base::epoch(time));
    switch (target_.database) {
        case Database::postgresql:
            return "cast(to_timestamp(" + seconds + ") as timestamp)";
        case Database::mysql:
            return "from_unixtime(" + seconds + ")";
        case Database::sqlite:
            break;
    }
    return seconds;
}

std::string TestDatabase::seconds(const std::string& column) const {
    switch (target_.database) {
        case Database::postgresql:
            return "cast(extract(epoch from cast(" + column + " as timestamptz)) as bigint)";
        case Database::mysql:
            return "unix_timestamp(" + column + ")";
        case Database::sqlite:
            break;
    }
    return column;
}

long long TestDatabase::number(const std::string& query) {
    long long value = 0;
    session_ << query, soci::into(value);
    return value;
}

std::string TestDatabase::text(const std::string& query) {
    std::string value;
    soci::indicator indicator = soci::i_null;
    session_ << query, soci::into(value, indicator);
    return indicator == soci::i_null ? "" : value;
}

}  // namespace sqlgrey::store
