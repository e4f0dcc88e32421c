// Keyed hashes: without the key a text can be neither read from its hash nor guessed. The same text always
// has the same hash, so rows can be found by it.
//
// HMAC-SHA256 (RFC 2104, FIPS 180-4), truncated to 128 bits: among 10^9 texts the probability of a collision
// is about 1 in 10^21.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace sqlgrey::base {

// Immutable, cheap to copy; thread-safe, and usable on both sides of a fork.
class KeyedHash {
  public:
    // Shorter keys could be guessed.
    static constexpr std::size_t shortest_key = 16;

    // Throws std::invalid_argument if the key is shorter, std::runtime_error if OpenSSL has no HMAC-SHA256.
    explicit KeyedHash(std::string_view key);

    // 32 lower-case hexadecimal digits. `purpose` separates hashes of the same text used for different things
    // (a domain and a recipient, say), so that equal texts do not show as equal hashes: a constant without
    // NUL. What is hashed is the purpose, a NUL and the text; with an empty purpose, the text alone. The
    // result never changes between versions. Throws std::runtime_error if OpenSSL fails (no memory).
    std::string of(std::string_view purpose, std::string_view text) const;

  private:
    class Engine;
    std::shared_ptr<const Engine> engine_;
};

}  // namespace sqlgrey::base
