// The database that the store tests run against: SQLite in a temporary file, or the server that
// with_server.py has started and named in the environment. Each TestDatabase begins empty. A case that is
// about one of them only has its tag: [sqlite], [postgresql] or [mysql]; CMakeLists.txt runs it nowhere else.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/store/sql_store.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <soci/soci.h>

namespace sqlgrey::store {

// What $SQLGREY_TEST_DATABASE says; sqlite if it says nothing.
Database database_under_test();

class TestDatabase {
  public:
    TestDatabase();
    ~TestDatabase();
    TestDatabase(const TestDatabase&) = delete;

    Target target() const { return target_; }
    // A session of the test's own, for arranging and looking at rows.
    soci::session& sql() { return session_; }
    // Time as the column holds it, to be put into SQL text.
    std::string timestamp(base::Time time) const;
    // The first column of the first row, as a number or text.
    long long number(const std::string& query);
    std::string text(const std::string& query);
    long long rows(const std::string& table) { return number("select count(*) from " + table); }
    // A timestamp column in seconds since 1970.
    std::string seconds(const std::string& column) const;

  private:
    void drop_everything();

    Target target_;
    std::string directory_;
    soci::session session_;
};

}  // namespace sqlgrey::store
