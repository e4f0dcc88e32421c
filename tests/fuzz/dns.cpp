// Messages of a DNS server, of any bytes. The first byte is the type that was asked for.
#include "../../src/dns/parse_answer.hpp"
#include "fuzz.hpp"

using namespace sqlgrey;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto type = static_cast<net::RecordType>(data[0] % 5);
    const net::DnsAnswer answer = dns::parse_answer({data + 1, size - 1}, type);
    const std::size_t records = answer.addresses.size() + answer.texts.size();
    fuzz::must((answer.kind == net::AnswerKind::records) == (records > 0),
               "records, or their absence is told");
    fuzz::must(records <= size, "not more records than bytes");
    fuzz::must(answer.kind != net::AnswerKind::timeout, "a kind of message");
    return 0;
}
