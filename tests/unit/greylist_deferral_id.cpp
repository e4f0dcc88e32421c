// The id of a deferral: made from the triplet alone, and found by its time of day.
#include "greylist_fixture.hpp"
#include "sqlgrey/greylist/deferral_id.hpp"

#include <set>

namespace sqlgrey::greylist {
namespace {

std::string id_of(const Triplet& triplet, const Known& known, base::Time at) {
    return deferral_id(triplet, decide(triplet, known, at, policy));
}

Known waiting_since(base::Time first_seen) {
    Known known;
    known.connect = first_seen;
    return known;
}

}  // namespace

TEST_CASE("a first attempt and its early retries have one id") {
    const std::string id = id_of(some_triplet(), {}, now);
    CHECK(id == deferral_id(some_triplet(), now));
    CHECK(id.size() == 8);
    CHECK(id_of(some_triplet(), waiting_since(now), now + 200s) == id);
}

TEST_CASE("the id of a triplet is the same for ever: sqlgreyctl of another version reads it") {
    CHECK(deferral_id(some_triplet(), now) == "kh03c967");
}

TEST_CASE("only deferrals with a row have an id") {
    CHECK(id_of(some_triplet(), waiting_since(now - 400s), now).empty());
    CHECK(deferral_id(some_triplet(), Outcome{Verdict::throttled}).empty());
    CHECK(deferral_id(some_triplet(), Outcome{Verdict::whitelisted}).empty());
}

TEST_CASE("an id contains the second of the day") {
    for (const long long second : {0LL, 1LL, 43'210LL, 86'399LL}) {
        const std::string id = deferral_id(some_triplet(), base::at(19'675LL * 86'400 + second));
        CHECK(time_of_day(id) == base::Seconds{second});
        CHECK(read_deferral_id(id) == id);
    }
}

TEST_CASE("each part of the triplet and the day change the id") {
    std::set<std::string> ids{deferral_id(some_triplet(), now), deferral_id(some_triplet(), now + 24h)};
    for (std::string Triplet::*part :
         {&Triplet::src, &Triplet::sender_domain, &Triplet::sender_name, &Triplet::rcpt}) {
        Triplet other = some_triplet();
        other.*part += "x";
        ids.insert(deferral_id(other, now));
    }
    CHECK(ids.size() == 6);
}

TEST_CASE("ids are accepted as people write them, and nothing else is") {
    CHECK(read_deferral_id("0O1Il9zZ") ==
          "00111"
          "9zz");
    for (const char* text : {"", "0000000", "000000000", "0000000u", "0000000-", "zzzzzzzz", "a1ab1ab\xc3"})
        CHECK_FALSE(read_deferral_id(text).has_value());
}

}  // namespace sqlgrey::greylist
