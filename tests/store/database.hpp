// The database that the store tests run on: SQLite in a temporary file, or the server that with_server.py has
// started and named in the environment. Each TestDatabase is empty at first. A test case for one database has
// its tag ([sqlite], [postgresql], [mysql]) and is not run on the others (CMakeLists.txt).
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/store/sql_store.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <soci/soci.h>

namespace sqlgrey::store {

// From $SQLGREY_TEST_DATABASE; SQLite if that is not set. Throws std::runtime_error if it is none of the
// three.
Database database_under_test();

class TestDatabase {
  public:
    TestDatabase();
    ~TestDatabase();
    TestDatabase(const TestDatabase&) = delete;

    Target target() const { return target_; }
    // The test's own session, to write and read rows.
    soci::session& sql() { return session_; }
    // SQL for a time, as a timestamp column stores it.
    std::string timestamp(base::Time time) const;
    // The first column of the first row, as a number or text.
    long long number(const std::string& query);
    std::string text(const std::string& query);
    long long rows(const std::string& table) { return number("select count(*) from " + table); }
    // SQL for a timestamp column in seconds since 1970.
    std::string seconds(const std::string& column) const;

  private:
    void drop_everything();

    Target target_;
    std::string directory_;
    soci::session session_;
};

}  // namespace sqlgrey::store
