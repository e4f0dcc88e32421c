#include "same_network.hpp"

namespace sqlgrey::spf {

bool same_network(const net::Address& one, const net::Address& other, int length) {
    if (one.v6 != other.v6) return false;
    for (std::size_t i = 0; length > 0; ++i, length -= 8) {
        const int different = one.bytes[i] ^ other.bytes[i];
        if ((length >= 8 ? different : different >> (8 - length)) != 0) return false;
    }
    return true;
}

}  // namespace sqlgrey::spf
