#include "parse_answer.hpp"

#include "sqlgrey/base/ascii.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <string>

#include <ares.h>

namespace sqlgrey::dns {
namespace {

using net::AnswerKind;
using net::RecordType;

constexpr std::size_t header_size = 12;
constexpr std::uint32_t longest_ttl = std::numeric_limits<std::int32_t>::max();  // RFC 2181 section 8

// The message ends too early, or a name is wrong.
struct Malformed {};

class Reader {
  public:
    explicit Reader(std::span<const unsigned char> message) : message_(message) {}

    void skip(std::size_t bytes) { take(bytes); }
    std::span<const unsigned char> take(std::size_t bytes) {
        if (bytes > message_.size() - at_) throw Malformed{};
        at_ += bytes;
        return message_.subspan(at_ - bytes, bytes);
    }
    std::uint16_t number() {
        const auto bytes = take(2);
        return static_cast<std::uint16_t>(bytes[0] << 8U | bytes[1]);
    }
    std::uint32_t long_number() {
        const std::uint32_t high = number();
        return high << 16U | number();
    }
    std::string name() {
        char* text = nullptr;
        long size = 0;
        const int status = ares_expand_name(message_.data() + at_, message_.data(),
                                            static_cast<int>(message_.size()), &text, &size);
        if (status != ARES_SUCCESS) throw Malformed{};
        const std::unique_ptr<char, decltype(&ares_free_string)> owner{text, ares_free_string};
        skip(static_cast<std::size_t>(size));
        return unescaped(text);
    }
    std::size_t at() const { return at_; }

  private:
    // c-ares writes \046 for bytes that cannot be printed, and a backslash before some others.
    static std::string unescaped(std::string_view text) {
        std::string name;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != '\\' || i + 1 == text.size()) {
                name += text[i];
            } else if (base::is_digit(text[i + 1]) && i + 3 < text.size()) {
                name += static_cast<char>(std::stoi(std::string{text.substr(i + 1, 3)}));
                i += 3;
            } else {
                name += text[++i];
            }
        }
        return name;
    }

    std::span<const unsigned char> message_;
    std::size_t at_ = 0;
};

net::Address address_in(std::span<const unsigned char> data, bool v6) {
    if (data.size() != (v6 ? 16U : 4U)) throw Malformed{};
    net::Address address{.v6 = v6};
    std::ranges::copy(data, address.bytes.begin());
    return address;
}

std::string joined_strings(std::span<const unsigned char> data) {
    std::string text;
    while (!data.empty()) {
        const std::size_t size = data[0];
        if (size >= data.size()) throw Malformed{};
        text.append(reinterpret_cast<const char*>(data.data()) + 1, size);
        data = data.subspan(size + 1);
    }
    return text;
}

struct MailServer {
    std::uint16_t preference;
    std::string name;
};

struct Found {
    net::DnsAnswer answer{.kind = AnswerKind::no_data};
    std::vector<MailServer> mail_servers{};
};

void add_record(Reader& reader, std::size_t size, RecordType type, Found& found) {
    const std::size_t end = reader.at() + size;
    switch (type) {
        case RecordType::a:
        case RecordType::aaaa:
            found.answer.addresses.push_back(address_in(reader.take(size), type == RecordType::aaaa));
            break;
        case RecordType::txt:
            found.answer.texts.push_back(joined_strings(reader.take(size)));
            break;
        case RecordType::ptr:
            found.answer.texts.push_back(reader.name());
            break;
        case RecordType::mx: {
            const std::uint16_t preference = reader.number();
            found.mail_servers.push_back({preference, reader.name()});
            break;
        }
    }
    if (reader.at() != end) throw Malformed{};
}

Found read(std::span<const unsigned char> message, RecordType type) {
    Reader reader{message};
    reader.skip(4);
    const std::uint16_t questions = reader.number(), records = reader.number();
    reader.skip(header_size - 8);
    for (int i = 0; i < questions; ++i) {
        reader.name();
        reader.skip(4);
    }
    Found found;
    std::uint32_t ttl = longest_ttl;
    for (int i = 0; i < records; ++i) {
        reader.name();
        const int kind = reader.number();
        reader.skip(2);
        ttl = std::min(ttl, reader.long_number());  // of a CNAME too
        const std::size_t size = reader.number();
        if (kind != number_of(type)) {
            reader.skip(size);
            continue;
        }
        add_record(reader, size, type, found);
        found.answer.kind = AnswerKind::records;
    }
    if (found.answer.kind == AnswerKind::records) found.answer.ttl = base::Seconds{ttl};
    return found;
}

}  // namespace

int number_of(RecordType type) {
    switch (type) {
        case RecordType::a:
            return 1;
        case RecordType::ptr:
            return 12;
        case RecordType::mx:
            return 15;
        case RecordType::txt:
            return 16;
        case RecordType::aaaa:
            break;
    }
    return 28;
}

bool is_cut_off(std::span<const unsigned char> message) {
    constexpr unsigned truncated = 0x02;  // in the third byte: RFC 1035 section 4.1.1
    return message.size() > 2 && (message[2] & truncated) != 0;
}

net::DnsAnswer parse_answer(std::span<const unsigned char> message, RecordType type) {
    if (is_cut_off(message)) return {.kind = AnswerKind::malformed};
    try {
        Found found = read(message, type);
        std::ranges::stable_sort(found.mail_servers, {}, &MailServer::preference);
        for (MailServer& server : found.mail_servers) found.answer.texts.push_back(std::move(server.name));
        return std::move(found.answer);
    } catch (const Malformed&) {
        return {.kind = AnswerKind::malformed};
    }
}

}  // namespace sqlgrey::dns
