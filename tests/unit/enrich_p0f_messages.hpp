// Answers of p0f, as its API documents them.
#pragma once

#include "sqlgrey/net/address.hpp"

#include <cstdint>
#include <cstring>
#include <string>

namespace sqlgrey::enrich {

template <typename Number>
std::string number_bytes(Number number) {
    std::string bytes(sizeof number, '\0');
    std::memcpy(bytes.data(), &number, sizeof number);
    return bytes;
}

inline net::Address address(std::string_view text) {
    return net::parse_address(text).value();
}

struct Message {
    std::uint32_t magic = 0x50304602;
    std::uint32_t status = 0x10;
    std::int16_t distance = 9;
    std::string os_name = "Linux";
    std::string os_flavor = "3.11 and newer";
    std::string link = "Ethernet or modem";

    std::string text() const {
        std::string bytes = number_bytes(magic) + number_bytes(status) + std::string(28, '\x01');
        bytes += number_bytes(distance) + std::string{"\0\x03", 2};
        for (const std::string& name :
             {os_name, os_flavor, std::string{"http"}, std::string{"flavor"}, link, std::string{"English"}}) {
            std::string field = name;
            field.resize(32, '\0');
            bytes += field;
        }
        return bytes;
    }
};

}  // namespace sqlgrey::enrich
