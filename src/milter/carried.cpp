// The text of a session, for the worker that its connection is handed over to: a line of numbers, the texts
// that they are the lengths of, and the bytes of a packet that is not complete.
#include "sqlgrey/milter/session.hpp"

#include <array>
#include <bitset>
#include <charconv>
#include <optional>

namespace sqlgrey::milter {
namespace {

namespace at {
enum Number {
    format,
    actions,
    protocol,
    messages,
    flags,
    skipped,
    skip,
    name,
    client,
    message,
    header,
    why_held,
    count
};
}  // namespace at
using Numbers = std::array<std::uint64_t, at::count>;

constexpr std::uint64_t this_format = 1;

std::optional<Numbers> take_numbers(std::string_view& text) {
    Numbers numbers{};
    for (std::uint64_t& number : numbers) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (error != std::errc{} || !text.starts_with(' ')) return std::nullopt;
        text.remove_prefix(1);
    }
    return numbers;
}

std::string_view take(std::string_view& text, std::uint64_t size) {
    const std::string_view part = text.substr(0, size);
    text.remove_prefix(part.size());
    return part;
}

policy::Request request_of(std::string_view lines) {
    std::vector<policy::Request> complete;
    policy::Parser parser;
    parser.feed(lines, complete, 1);
    parser.feed("\r\n", complete, 1);
    return complete.empty() ? policy::Request{} : complete.front();
}

}  // namespace

std::string Session::to_text() const {
    const std::string lines_of_client = client_.lines();
    const std::string lines_of_message = message_.lines();
    Numbers numbers{};
    numbers[at::format] = this_format;
    numbers[at::actions] = actions_;
    numbers[at::protocol] = protocol_;
    numbers[at::messages] = messages_;
    numbers[at::flags] = std::bitset<5>{}
                             .set(0, negotiated_)
                             .set(1, connected_)
                             .set(2, not_by_network_)
                             .set(3, has_begun_)
                             .set(4, has_sender_)
                             .to_ullong();
    numbers[at::skipped] = static_cast<unsigned char>(skipped_);
    numbers[at::skip] = skip_;
    numbers[at::name] = name_.size();
    numbers[at::client] = lines_of_client.size();
    numbers[at::message] = lines_of_message.size();
    numbers[at::header] = header_.size();
    numbers[at::why_held] = why_held_.size();
    std::string text;
    for (const std::uint64_t number : numbers) text += std::to_string(number) + ' ';
    return text + name_ + lines_of_client + lines_of_message + header_ + why_held_ + held_;
}

void Session::resume(std::string_view text) {
    const auto numbers = take_numbers(text);
    if (!numbers || (*numbers)[at::format] != this_format) {
        ended_ = true;
        return;
    }
    const Numbers& is = *numbers;
    const std::bitset<5> flags(is[at::flags]);
    actions_ = static_cast<std::uint32_t>(is[at::actions]);
    protocol_ = static_cast<std::uint32_t>(is[at::protocol]);
    messages_ = is[at::messages];
    negotiated_ = flags[0];
    connected_ = flags[1];
    not_by_network_ = flags[2];
    has_begun_ = flags[3];
    has_sender_ = flags[4];
    skipped_ = static_cast<char>(is[at::skipped]);
    skip_ = is[at::skip];
    name_ = take(text, is[at::name]);
    client_ = request_of(take(text, is[at::client]));
    message_ = request_of(take(text, is[at::message]));
    header_ = take(text, is[at::header]);
    why_held_ = take(text, is[at::why_held]);
    held_ = text;
}

}  // namespace sqlgrey::milter
