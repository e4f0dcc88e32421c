// HMAC-SHA256 with OpenSSL's EVP_MAC.
#include "sqlgrey/base/keyed_hash.hpp"

#include <array>
#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace sqlgrey::base {
namespace {

constexpr std::size_t kept_bytes = 16;

using Algorithm = std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)>;
using Calculation = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

void expect(bool good) {
    if (!good) throw std::runtime_error("OpenSSL cannot calculate HMAC-SHA256");
}

std::string hexadecimal(const unsigned char* from, std::size_t count) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(2 * count);
    for (std::size_t i = 0; i < count; ++i) {
        out += digits[from[i] >> 4];
        out += digits[from[i] & 0xf];
    }
    return out;
}

}  // namespace

// A context initialised with the key; each hash uses a copy.
class KeyedHash::Engine {
  public:
    explicit Engine(std::string_view key) {
        const Algorithm hmac{EVP_MAC_fetch(nullptr, "HMAC", nullptr), EVP_MAC_free};
        expect(hmac != nullptr);
        begun_.reset(EVP_MAC_CTX_new(hmac.get()));
        std::array<char, 7> digest{"SHA256"};
        const std::array<OSSL_PARAM, 2> parameters{
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
            OSSL_PARAM_construct_end()};
        expect(begun_ && EVP_MAC_init(begun_.get(), bytes(key), key.size(), parameters.data()) == 1);
    }

    std::string of(std::string_view purpose, std::string_view text) const {
        const Calculation calculation{EVP_MAC_CTX_dup(begun_.get()), EVP_MAC_CTX_free};
        expect(calculation != nullptr);
        const auto take = [&](std::string_view part) {
            expect(EVP_MAC_update(calculation.get(), bytes(part), part.size()) == 1);
        };
        if (!purpose.empty()) {
            take(purpose);
            take(std::string_view{"\0", 1});
        }
        take(text);
        std::array<unsigned char, EVP_MAX_MD_SIZE> result{};
        std::size_t length = 0;
        expect(EVP_MAC_final(calculation.get(), result.data(), &length, result.size()) == 1 &&
               length >= kept_bytes);
        return hexadecimal(result.data(), kept_bytes);
    }

  private:
    Calculation begun_{nullptr, EVP_MAC_CTX_free};
};

KeyedHash::KeyedHash(std::string_view key) {
    if (key.size() < shortest_key)
        throw std::invalid_argument("expected a key of at least " + std::to_string(shortest_key) + " bytes");
    engine_ = std::make_shared<const Engine>(key);
}

std::string KeyedHash::of(std::string_view purpose, std::string_view text) const {
    return engine_->of(purpose, text);
}

}  // namespace sqlgrey::base
