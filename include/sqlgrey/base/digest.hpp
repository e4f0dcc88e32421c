// A fixed-length digest of a text: equal for equal texts, different for different ones in practice.
#pragma once

#include <string>
#include <string_view>

namespace sqlgrey::base {

// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits. Throws std::runtime_error if OpenSSL fails.
std::string sha256(std::string_view text);

}  // namespace sqlgrey::base
