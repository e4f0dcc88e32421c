// DNS messages as bytes, among them wrong ones.
#include "../../src/dns/parse_answer.hpp"
#include "sqlgrey/dns/resolver.hpp"

#include <catch2/catch.hpp>

namespace sqlgrey::dns {
namespace {

using net::AnswerKind;
using net::RecordType;

using Bytes = std::vector<unsigned char>;

void add(Bytes& bytes, std::initializer_list<int> more) {
    for (const int one : more) bytes.push_back(static_cast<unsigned char>(one));
}

// A message about a.example with that many records, without the records.
Bytes head(int records) {
    Bytes bytes;
    add(bytes, {0, 1, 0x81, 0x80, 0, 1, 0, records, 0, 0, 0, 0});
    add(bytes, {1, 'a', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1});
    return bytes;
}

// A record about the name at byte 12.
void add_record(Bytes& bytes, int type, int ttl, std::initializer_list<int> data) {
    add(bytes, {0xc0, 12, 0, type, 0, 1, 0, 0, 0, ttl, 0, static_cast<int>(data.size())});
    add(bytes, data);
}

}  // namespace

TEST_CASE("records of the type are read, with the shortest TTL") {
    Bytes bytes = head(3);
    add_record(bytes, 5, 60, {0xc0, 12});  // CNAME
    add_record(bytes, 1, 90, {10, 1, 2, 3});
    add_record(bytes, 1, 70, {10, 1, 2, 4});
    const net::DnsAnswer answer = parse_answer(bytes, RecordType::a);
    CHECK(answer.kind == AnswerKind::records);
    CHECK(answer.addresses ==
          std::vector{net::parse_address("10.1.2.3").value(), net::parse_address("10.1.2.4").value()});
    CHECK(answer.ttl == base::Seconds{60});
    CHECK(parse_answer(bytes, RecordType::mx).kind == AnswerKind::no_data);
}

// A record about NAME.example.
void add_record_of(Bytes& bytes, char name, int type, int of_class, std::initializer_list<int> data) {
    add(bytes, {1, name, 0xc0, 14, 0, type, 0, of_class, 0, 0, 0, 1, 0, static_cast<int>(data.size())});
    add(bytes, data);
}

TEST_CASE("records count if they are of the name that was asked for, or that its aliases lead to") {
    Bytes bytes = head(3);
    add_record_of(bytes, 'C', 1, 1, {10, 1, 2, 3});
    add_record_of(bytes, 'b', 5, 1, {1, 'c', 0xc0, 14});
    add_record_of(bytes, 'A', 5, 1, {1, 'B', 0xc0, 14});
    CHECK(parse_answer(bytes, RecordType::a).addresses ==
          std::vector{net::parse_address("10.1.2.3").value()});

    bytes = head(2);
    add_record_of(bytes, 'b', 1, 1, {127, 0, 5, 3});
    add_record_of(bytes, 'a', 1, 1, {10, 1, 2, 3});
    CHECK(parse_answer(bytes, RecordType::a).addresses ==
          std::vector{net::parse_address("10.1.2.3").value()});

    bytes = head(2);
    add_record_of(bytes, 'b', 1, 1, {127, 0, 5, 3});
    add_record_of(bytes, 'a', 5, 1, {1, 'c', 0xc0, 14});
    CHECK(parse_answer(bytes, RecordType::a).kind == AnswerKind::malformed);
    bytes = head(1);
    add_record_of(bytes, 'a', 1, 3, {127, 0, 5, 3});  // class CHAOS
    CHECK(parse_answer(bytes, RecordType::a).kind == AnswerKind::no_data);
}

TEST_CASE("aliases that lead to one another end") {
    Bytes bytes = head(2);
    add_record_of(bytes, 'a', 5, 1, {1, 'b', 0xc0, 14});
    add_record_of(bytes, 'b', 5, 1, {0xc0, 12});
    CHECK(parse_answer(bytes, RecordType::a).kind == AnswerKind::no_data);
}

TEST_CASE("a question is no answer") {
    Bytes bytes = head(1);
    add_record(bytes, 1, 90, {10, 1, 2, 3});
    bytes[2] &= 0x7f;
    CHECK(parse_answer(bytes, RecordType::a).kind == AnswerKind::malformed);
}

TEST_CASE("with the code of an error no record counts") {
    Bytes bytes = head(1);
    add_record(bytes, 1, 90, {10, 1, 2, 3});
    for (int code = 1; code < 16; ++code) {
        bytes[3] = static_cast<unsigned char>(0x80 | code);
        CHECK(parse_answer(bytes, RecordType::a).kind ==
              (code == 3 ? AnswerKind::nxdomain : AnswerKind::servfail));
    }
}

TEST_CASE("a code in the record for EDNS is an error, and what cannot be read behind the answers is none") {
    Bytes bytes = head(0);
    bytes[9] = 1;                         // a record of authority
    bytes[11] = 2;                        // two more
    add_record(bytes, 2, 1, {0xc0, 12});  // NS
    add_record(bytes, 1, 1, {10, 1, 2, 3});
    Bytes cut = bytes;
    add(bytes, {0, 0, 41, 4, 0xd0, 1, 0, 0, 0, 0, 0});  // BADVERS
    CHECK(parse_answer(bytes, RecordType::a).kind == AnswerKind::servfail);
    bytes[bytes.size() - 6] = 0;
    CHECK(parse_answer(bytes, RecordType::a).kind == AnswerKind::no_data);
    CHECK(parse_answer(cut, RecordType::a).kind == AnswerKind::no_data);
}

TEST_CASE("an answer that is cut off says nothing") {
    Bytes bytes = head(1);
    add_record(bytes, 1, 90, {10, 1, 2, 3});
    bytes[2] |= 0x02;
    CHECK(parse_answer(bytes, RecordType::a).kind == AnswerKind::malformed);
    CHECK(is_cut_off(bytes));
    CHECK_FALSE(is_cut_off(head(1)));
    CHECK_FALSE(is_cut_off({}));
}

TEST_CASE("the strings of a TXT record are joined, and mail servers sorted") {
    Bytes bytes = head(1);
    add_record(bytes, 16, 1, {2, 'a', 'b', 0, 1, 0xff});
    CHECK(parse_answer(bytes, RecordType::txt).texts == std::vector<std::string>{"ab\xff"});
    bytes = head(3);
    add_record(bytes, 15, 1, {0, 20, 1, 'x', 0xc0, 14});
    add_record(bytes, 15, 1, {0, 10, 1, '.', 0});
    add_record(bytes, 15, 1, {0, 5, 0});
    CHECK(parse_answer(bytes, RecordType::mx).texts == std::vector<std::string>{"", ".", "x.example"});
}

TEST_CASE("names with bytes that cannot be printed are read as they are") {
    Bytes bytes = head(1);
    add_record(bytes, 12, 1, {4, 'a', 0, '\\', 0x80, 0});
    CHECK(parse_answer(bytes, RecordType::ptr).texts == std::vector<std::string>{{'a', '\0', '\\', '\x80'}});
}

TEST_CASE("a message that is cut anywhere, or has a wrong length or name, is malformed") {
    Bytes whole = head(2);
    add_record(whole, 15, 1, {0, 10, 1, 'x', 0xc0, 14});
    add_record(whole, 16, 1, {2, 'a', 'b'});
    REQUIRE(parse_answer(whole, RecordType::mx).kind == AnswerKind::records);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        for (const RecordType type : {RecordType::mx, RecordType::txt, RecordType::a})
            CHECK(parse_answer(cut, type).kind == AnswerKind::malformed);
    }
    const auto malformed = [](int type, std::initializer_list<int> data, RecordType asked) {
        Bytes bytes = head(1);
        add_record(bytes, type, 1, data);
        return parse_answer(bytes, asked).kind == AnswerKind::malformed;
    };
    CHECK(malformed(1, {10, 1, 2}, RecordType::a));
    CHECK(malformed(1, {10, 1, 2, 3, 4}, RecordType::a));
    CHECK(malformed(28, {10, 1, 2, 3}, RecordType::aaaa));
    CHECK(malformed(16, {200, 'a'}, RecordType::txt));
    CHECK(malformed(15, {0, 10, 1, 'x', 0, 7}, RecordType::mx));
    CHECK(malformed(15, {0}, RecordType::mx));
    CHECK(malformed(12, {0xc0, 39}, RecordType::ptr));  // a name that is a pointer to itself
    CHECK(malformed(12, {0xff, 0xff}, RecordType::ptr));
}

TEST_CASE("more records than there are bytes for are malformed") {
    Bytes bytes = head(255);
    add_record(bytes, 1, 1, {10, 1, 2, 3});
    CHECK(parse_answer(bytes, RecordType::a).kind == AnswerKind::malformed);
}

TEST_CASE("servers are addresses with or without a port") {
    const auto address = [](const char* text) { return net::parse_address(text).value(); };
    CHECK(parse_server("192.0.2.1") == Server{address("192.0.2.1"), 53});
    CHECK(parse_server("192.0.2.1:5353") == Server{address("192.0.2.1"), 5353});
    CHECK(parse_server("2001:db8::1") == Server{address("2001:db8::1"), 53});
    CHECK(parse_server("[2001:db8::1]:5353") == Server{address("2001:db8::1"), 5353});
    for (const char* wrong :
         {"", ":53", "localhost", "localhost:53", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536",
          "192.0.2.1:5x", "[192.0.2.1]:53", "[2001:db8::1]", "192.0.2.1:999999999999"})
        CHECK_FALSE(parse_server(wrong));
}

}  // namespace sqlgrey::dns
