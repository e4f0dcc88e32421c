// What a MySQL or MariaDB server prepares, and what it does not.
#include "store_fixture.hpp"

namespace sqlgrey::store {

using greylist::PutFromAwl;
using greylist::Seen;

namespace {

// With "show", because MySQL and MariaDB keep the table in different schemas.
long long status(TestDatabase& database, const std::string& name) {
    std::string found, value;
    database.sql() << "show global status like '" + name + "'", soci::into(found), soci::into(value);
    return std::stoll(value);
}

}  // namespace

TEST_CASE_METHOD(StoreTest, "a MySQL server prepares each statement once", "[mysql]") {
    known(triplet());
    const long long before = status(database, "Com_stmt_prepare");
    CHECK(before > 0);
    for (int i = 0; i < 10; ++i) known(triplet("sender" + std::to_string(i)));
    CHECK(status(database, "Com_stmt_prepare") == before);
}

TEST_CASE_METHOD(StoreTest, "a MySQL server prepares nothing where it is not to", "[mysql]") {
    known(triplet());
    Target target = database.target();
    target.preparing = Preparing::never;
    const long long before = status(database, "Com_stmt_prepare");
    const auto texts = open_store(target, &clock);
    const std::string odd = "o'bri\\en";
    texts->remember(std::vector<greylist::Change>{PutFromAwl{"192.0.2", "example.org", odd, now, now}});
    CHECK(texts->look_up(std::vector{triplet(odd)}, policy).known.front().from_awl == Seen{now, now});
    CHECK(status(database, "Com_stmt_prepare") == before);
}

TEST_CASE_METHOD(StoreTest, "a MySQL server that prepares no more statements is asked by text", "[mysql]") {
    const long long before = status(database, "Prepared_stmt_count");
    const long long most = database.number("select @@global.max_prepared_stmt_count");
    database.sql() << "set global max_prepared_stmt_count = 0";
    const auto one_more = open_store(database.target(), &clock);
    std::vector<greylist::Triplet> batch;
    std::vector<greylist::Change> passes;
    for (int i = 0; i < 5; ++i) {
        batch.push_back(triplet("o'brien:p" + std::to_string(i)));
        passes.push_back(PutFromAwl{"192.0.2", "example.org", batch.back().deverped, now, now});
    }
    one_more->remember(passes);
    for (const greylist::Known& known : one_more->look_up(batch, policy).known)
        CHECK(known.from_awl == Seen{now, now});
    CHECK(status(database, "Prepared_stmt_count") == before);
    database.sql() << "set global max_prepared_stmt_count = " << most;
}

}  // namespace sqlgrey::store
