// The bytes of the protocol: numbers, texts and packets. Private to the module.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::milter {

inline constexpr std::size_t head_size = 5;  // the length, and the command, which the length counts

// What a mail server sends.
namespace command {
inline constexpr char negotiate = 'O', macros = 'D', connect = 'C', helo = 'H', mail = 'M', recipient = 'R',
                      data = 'T', header = 'L', end_of_headers = 'N', body = 'B', end_of_message = 'E',
                      abort = 'A', unknown = 'U', quit = 'Q', quit_connection = 'K';
}

// What it is answered.
namespace answer {
inline constexpr char negotiate = 'O', go_on = 'c', accept = 'a', discard = 'd', reply = 'y',
                      add_header = 'h', quarantine = 'q';
}

// What a milter may do to a message.
namespace action {
inline constexpr std::uint32_t add_header = 0x1, quarantine = 0x20, set_macros = 0x100;
}

// What the mail server need not send (no_), or wait for an answer to (nr_).
namespace protocol {
inline constexpr std::uint32_t no_body = 0x10, no_headers = 0x20, no_end_of_headers = 0x40,
                               no_unknown = 0x100, no_data = 0x200, nr_header = 0x80, nr_connect = 0x1000,
                               nr_helo = 0x2000, nr_mail = 0x4000, nr_data = 0x10000, nr_unknown = 0x20000,
                               nr_end_of_headers = 0x40000, nr_body = 0x80000;
}

// Removes four bytes; nothing if there are fewer.
std::optional<std::uint32_t> take_number(std::string_view& data);
// Removes a text and the NUL behind it; nothing if there is no NUL.
std::optional<std::string_view> take_text(std::string_view& data);

void append_number(std::string& out, std::uint32_t number);
// A packet with these data.
void append_packet(std::string& out, char command, std::string_view data = {});

}  // namespace sqlgrey::milter
