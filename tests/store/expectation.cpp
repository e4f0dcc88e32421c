// expectation: looked up for strangers only, for their domain or any; expired rows are deleted.
#include "sqlgrey/store/administration.hpp"
#include "sqlgrey/store/cleaning.hpp"
#include "store_fixture.hpp"

namespace sqlgrey::store {
namespace {

using namespace std::chrono_literals;

struct ExpectationTest : StoreTest {
    void expect(const std::string& domain, base::Time until, const std::string& rcpt = "bob@example.net") {
        const TableRow row{rcpt, domain, until, std::string{"admin"}, std::string{"code"}};
        open_administration(database.target(), AdministrationMode::change)
            ->put(TableName::expectation, std::span(&row, 1));
    }
    greylist::Triplet of_stranger() const {
        greylist::Triplet asked = triplet();
        asked.ask_all = false;
        return asked;
    }
};

}  // namespace

TEST_CASE_METHOD(ExpectationTest, "mail is expected from one domain or from any") {
    CHECK_FALSE(known(of_stranger()).expected_until.has_value());
    expect("example.com", now + 1h);
    CHECK_FALSE(known(of_stranger()).expected_until.has_value());
    expect("example.org", now + 10min);
    CHECK(known(of_stranger()).expected_until == now + 10min);
    expect("", now + 20min);
    CHECK(known(of_stranger()).expected_until == now + 20min);
    expect("", now + 5min);
    CHECK(known(of_stranger()).expected_until == now + 10min);
    CHECK_FALSE(known(triplet("alice", "carol@example.net")).expected_until.has_value());
}

TEST_CASE_METHOD(ExpectationTest, "of a known sender nothing is expected") {
    expect("", now + 1h);
    remember({greylist::PutFromAwl{"192.0.2", "example.org", "alice", now, now}});
    CHECK(known(of_stranger()).from_awl.has_value());
    CHECK_FALSE(known(of_stranger()).expected_until.has_value());
    clock.advance(61 * 24h);  // its row has expired
    CHECK(known(of_stranger()).expected_until == now + 1h);
}

TEST_CASE_METHOD(ExpectationTest, "expectations that are over are cleaned away, the others stay") {
    for (int i = 0; i < 250; ++i) expect("d" + std::to_string(i) + ".example", now - 1h + i * 1s);
    expect("", now + 1h);
    expect("example.org", now);
    const auto cleaning = open_cleaning(database.target(), &clock);
    std::int64_t gone = 0;
    while (const std::int64_t slice = cleaning->expire(greylist::AwlTable::expectation, 0s)) gone += slice;
    CHECK(gone == 250);
    CHECK(database.rows("expectation") == 2);
}

}  // namespace sqlgrey::store
