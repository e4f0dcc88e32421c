// Hashes of texts that cannot be read or guessed without the key; the same text always has the same hash, so
// that rows are still found by it.
//
// HMAC-SHA256 (RFC 2104, FIPS 180-4), of which the first 128 bits are kept: two of a thousand million texts
// meet by chance with a probability of about 1 in 10^21.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace sqlgrey::base {

// Immutable, cheap to copy; may be used by several threads at once, and on both sides of a fork.
class KeyedHash {
  public:
    // The fewest bytes of a key that cannot be guessed.
    static constexpr std::size_t shortest_key = 16;

    // Throws std::invalid_argument if the key is shorter, std::runtime_error if OpenSSL has no HMAC-SHA256.
    explicit KeyedHash(std::string_view key);

    // 32 lower-case hexadecimal digits. `purpose` keeps hashes of one text apart where it stands for
    // different things (a domain and a recipient, say), so that it does not show that they are equal: a word
    // without a NUL, from the program. The same purpose, text and key give the same hash for ever. What is
    // hashed is the purpose, a NUL and the text; with an empty purpose the text alone. Throws
    // std::runtime_error if OpenSSL fails (no memory).
    std::string of(std::string_view purpose, std::string_view text) const;

  private:
    class Engine;
    std::shared_ptr<const Engine> engine_;
};

}  // namespace sqlgrey::base
