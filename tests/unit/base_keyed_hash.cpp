#include "sqlgrey/base/keyed_hash.hpp"

#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using sqlgrey::base::KeyedHash;

namespace {

const std::string key(20, '\x0b');

}  // namespace

TEST_CASE("a hash is the first half of HMAC-SHA256 (RFC 4231, test cases 1, 3, 4, 5, 6 and 7)") {
    CHECK(KeyedHash(key).of("", "Hi There") == "b0344c61d8db38535ca8afceaf0bf12b");
    CHECK(KeyedHash(std::string(20, '\xaa')).of("", std::string(50, '\xdd')) ==
          "773ea91e36800e46854db8ebd09181a7");
    std::string counting;
    for (char byte = 1; byte <= 25; ++byte) counting += byte;
    CHECK(KeyedHash(counting).of("", std::string(50, '\xcd')) == "82558a389a443c0ea4cc819899f2083a");
    CHECK(KeyedHash(std::string(20, '\x0c')).of("", "Test With Truncation") ==
          "a3b6167473100ee06e0c796c2955552b");
    const KeyedHash longer_than_a_block(std::string(131, '\xaa'));
    CHECK(longer_than_a_block.of("", "Test Using Larger Than Block-Size Key - Hash Key First") ==
          "60e431591ee0b67f0d8a26aacbf5b77f");
    CHECK(longer_than_a_block.of("",
                                 "This is a test using a larger than block-size key and a larger than "
                                 "block-size data. The key needs to be hashed before being used by the HMAC "
                                 "algorithm.") == "9b09ffa71b942fcb27635fbcd5b0e944");
}

TEST_CASE("a purpose precedes the text, with a NUL between") {
    const KeyedHash hash(key);
    CHECK(hash.of("rcpt", "bob@example.net") == hash.of("", std::string("rcpt\0bob@example.net", 20)));
    CHECK(hash.of("rcpt", "") == hash.of("", std::string("rcpt\0", 5)));
    CHECK(hash.of("rcpt", "x") != hash.of("src", "x"));
    CHECK(hash.of("a", "bc") != hash.of("ab", "c"));
    CHECK(hash.of("rcpt", "x") != KeyedHash(std::string(20, '\x0c')).of("rcpt", "x"));
}

TEST_CASE("any bytes can be hashed, and the same always to the same") {
    const KeyedHash hash(key);
    const KeyedHash copy = hash;
    std::set<std::string> seen;
    for (const std::string& text :
         {std::string{}, std::string(1, '\0'), std::string(2, '\0'), std::string{"\xff\xfe"},
          std::string(1'000'000, 'x'), std::string{"bob@example.net"}, std::string{"Bob@example.net"}}) {
        const std::string given = hash.of("rcpt", text);
        CHECK(given.size() == 32);
        CHECK(given.find_first_not_of("0123456789abcdef") == std::string::npos);
        CHECK(copy.of("rcpt", text) == given);
        CHECK(seen.insert(given).second);
    }
}

TEST_CASE("a key that could be guessed is refused") {
    CHECK_THROWS_AS(KeyedHash(""), std::invalid_argument);
    CHECK_THROWS_WITH(KeyedHash("fifteen letters"), "expected a key of at least 16 bytes");
    CHECK_NOTHROW(KeyedHash("sixteen letters."));
}

TEST_CASE("several threads hash with one key") {
    const KeyedHash hash(key);
    const std::string expected = hash.of("rcpt", "bob@example.net");
    std::vector<int> wrong(4);
    std::vector<std::thread> threads;
    for (int& mistakes : wrong) {
        threads.emplace_back([&hash, &expected, &mistakes] {
            for (int round = 0; round < 2000; ++round)
                mistakes += hash.of("rcpt", "bob@example.net") != expected;
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == std::vector<int>(4));
}
