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

constexpr unsigned is_answer = 0x8000;  // in the second word of the header
constexpr unsigned code_bits = 0x000f;
constexpr int class_internet = 1;
constexpr int alias = 5;          // CNAME
constexpr int options = 41;       // OPT (RFC 6891)
constexpr int most_aliases = 16;  // one behind the other; resolvers follow fewer
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
    std::string name() { return unescaped(text_of_name()); }
    // In lower case and as c-ares writes it, which is another text for each name: a dot within a label has a
    // backslash in front.
    std::string comparable_name() { return base::ascii_lower(text_of_name()); }
    std::size_t at() const { return at_; }

  private:
    std::string text_of_name() {
        char* text = nullptr;
        long size = 0;
        const int status = ares_expand_name(message_.data() + at_, message_.data(),
                                            static_cast<int>(message_.size()), &text, &size);
        if (status != ARES_SUCCESS) throw Malformed{};
        const std::unique_ptr<char, decltype(&ares_free_string)> owner{text, ares_free_string};
        skip(static_cast<std::size_t>(size));
        return text;
    }

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

struct Record {
    std::string owner;  // comparable
    int kind;
    int of_class;
    std::uint32_t ttl;
    std::size_t at;  // of its data
    std::size_t size;
};

Record record_in(Reader& reader) {
    Record record{reader.comparable_name(), reader.number(), reader.number(), reader.long_number(), 0, 0};
    record.size = reader.number();
    record.at = reader.at();
    reader.skip(record.size);
    return record;
}

// Those of the type and the aliases.
std::vector<Record> records_in(Reader& reader, int count, int kind) {
    std::vector<Record> records;
    for (int i = 0; i < count; ++i) {
        Record record = record_in(reader);
        if (record.of_class == class_internet && (record.kind == kind || record.kind == alias))
            records.push_back(std::move(record));
    }
    return records;
}

// RFC 6891 section 6.1.3: of some codes, such as BADVERS, all but four zeros are in a record behind the
// answers. If these cannot be read, there is none.
bool has_code_behind(Reader reader, int count) {
    try {
        for (int i = 0; i < count; ++i) {
            const Record record = record_in(reader);
            if (record.kind == options) return record.ttl >> 24U != 0;
        }
    } catch (const Malformed&) {
        return false;
    }
    return false;
}

// Follows the aliases from the name to the last one. Lowers `ttl` to that of each.
std::string last_name(std::string name, std::span<const Record> records,
                      std::span<const unsigned char> message, std::uint32_t& ttl) {
    for (int i = 0; i < most_aliases; ++i) {
        const auto is_its_alias = [&](const Record& record) {
            return record.kind == alias && record.owner == name;
        };
        const auto found = std::ranges::find_if(records, is_its_alias);
        if (found == records.end()) break;
        ttl = std::min(ttl, found->ttl);
        Reader target{message};
        target.skip(found->at);
        name = target.comparable_name();
    }
    return name;
}

// `records` for the code that says that there is no error.
AnswerKind kind_of_code(unsigned code) {
    constexpr unsigned no_error = 0, no_such_name = 3;
    if (code == no_error) return AnswerKind::records;
    return code == no_such_name ? AnswerKind::nxdomain : AnswerKind::servfail;
}

// Only records of the name that was asked for count, or of the one that its aliases lead to: a server may add
// others, or answer another question.
Found read(std::span<const unsigned char> message, RecordType type) {
    Reader reader{message};
    reader.skip(2);
    const unsigned flags = reader.number();
    if ((flags & is_answer) == 0) throw Malformed{};
    if (const auto kind = kind_of_code(flags & code_bits); kind != AnswerKind::records)
        return {.answer = {.kind = kind}};
    const std::uint16_t questions = reader.number(), count = reader.number();
    const int behind = reader.number() + reader.number();
    if (questions != 1) throw Malformed{};
    const std::string asked = reader.comparable_name();
    reader.skip(4);
    const std::vector<Record> records = records_in(reader, count, number_of(type));
    std::uint32_t ttl = longest_ttl;
    const std::string name = last_name(asked, records, message, ttl);
    Found found;
    bool has_others = false;
    for (const Record& record : records) {
        if (record.kind != number_of(type)) continue;
        if (record.owner != name) {
            has_others = true;
            continue;
        }
        ttl = std::min(ttl, record.ttl);
        Reader data{message};
        data.skip(record.at);
        add_record(data, record.size, type, found);
        found.answer.kind = AnswerKind::records;
    }
    if (found.answer.kind == AnswerKind::records)
        found.answer.ttl = base::Seconds{ttl};
    else if (has_others)
        throw Malformed{};
    else if (has_code_behind(reader, behind))
        found.answer.kind = AnswerKind::servfail;
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
