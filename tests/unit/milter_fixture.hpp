// Packets of a mail server, and one that talks to a milter::Session.
#pragma once

#include "sqlgrey/milter/session.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

inline std::string number(std::uint32_t value) {
    std::string bytes;
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(value >> shift & 0xff);
    return bytes;
}

inline std::string packet(char command, const std::string& data = "") {
    return number(static_cast<std::uint32_t>(data.size() + 1)) + command + data;
}

inline std::string zero_ended(const std::string& text) {
    return text + '\0';
}

// As Sendmail 8.17 and Postfix 3.7 offer it.
inline std::string negotiation(std::uint32_t version = 6, std::uint32_t actions = 0x1ff,
                               std::uint32_t protocol = 0x1fffff) {
    return packet('O', number(version) + number(actions) + number(protocol));
}

inline std::string macros(char of, const std::vector<std::pair<std::string, std::string>>& values) {
    std::string data(1, of);
    for (const auto& [name, value] : values) data += zero_ended(name) + zero_ended(value);
    return packet('D', data);
}

inline std::string client(const std::string& host, const std::string& address, char family = '4') {
    return packet('C', zero_ended(host) + family + "\x61\xa8" + zero_ended(address));  // port 25000
}

inline std::string mail(const std::string& sender = "alice@example.org") {
    return packet('M', zero_ended('<' + sender + '>'));
}

inline std::string recipient(const std::string& recipient = "bob@example.net") {
    return packet('R', zero_ended('<' + recipient + '>'));
}

// Bytes that are not used yet come again, as those of a connection do.
class Talk {
  public:
    explicit Talk(sqlgrey::milter::Session& session) : session_(session) {}

    void send(std::string_view bytes) {
        input_ += bytes;
        input_.erase(0, session_.feed(input_, requests, output_));
    }
    void begin() {
        send(negotiation() + client("mx.example.org", "192.0.2.10"));
        clear();
    }
    void answer(const sqlgrey::policy::Reply& reply) {
        session_.answer(reply, output_);
        send("");
    }
    const std::string& output() const { return output_; }
    void clear() { output_.clear(); }

    std::vector<sqlgrey::policy::Request> requests;

  private:
    sqlgrey::milter::Session& session_;
    std::string input_, output_;
};

inline std::vector<std::string> sorted_lines(const sqlgrey::policy::Request& request) {
    std::vector<std::string> lines(1);
    for (const char c : request.lines()) {
        lines.back() += c;
        if (c == '\n') lines.emplace_back();
    }
    std::ranges::sort(lines);
    return lines;
}

}  // namespace test
