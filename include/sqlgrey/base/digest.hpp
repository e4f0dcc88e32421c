// A text made short: the same text always in the same way, and no other text in practice.
#pragma once

#include <string>
#include <string_view>

namespace sqlgrey::base {

// SHA-256 (FIPS 180-4): 64 lower-case hexadecimal digits. Throws std::runtime_error if OpenSSL fails.
std::string sha256(std::string_view text);

}  // namespace sqlgrey::base
