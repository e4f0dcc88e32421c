// What DNS lists answer, of any bytes. The first byte chooses the list.
#include "sqlgrey/enrich/dns_list.hpp"

#include "../../src/dns/parse_answer.hpp"
#include "fuzz.hpp"
#include "sqlgrey/enrich/inquiry.hpp"

#include <algorithm>

using namespace sqlgrey;
using enrich::DnsList;
using enrich::ListAnswer;

namespace {

const std::vector<DnsList>& lists() {
    constexpr std::uint32_t first = 127U << 24U | 2;
    static const std::vector<DnsList> all{
        {DnsList::Kind::white, "list.dnswl.org", {{}}},
        {DnsList::Kind::white, "wl.example", {{{{first, first + 20}}, {}, greylist::Trust::medium}}},
        {DnsList::Kind::black, "zen.spamhaus.org", {{}}},
        {DnsList::Kind::black, "bl.example", {{{{first, first + 20}}, 3, {}}, {{}, 2, {}}}},
    };
    return all;
}

// 127.255.255.0/24 and whatever is not in 127.0.0.0/8.
bool is_refusal(const net::Address& code) {
    return code.bytes[0] != 127 || (code.bytes[1] == 255 && code.bytes[2] == 255);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const DnsList& list = lists()[data[0] % lists().size()];
    net::DnsAnswer answer = dns::parse_answer({data + 1, size - 1}, net::RecordType::a);
    const ListAnswer meaning = enrich::meaning_of(list, answer);
    const bool has_refusal = std::ranges::any_of(answer.addresses, is_refusal);
    fuzz::must(!has_refusal || meaning.kind == ListAnswer::Kind::refused, "a refusal is one");
    fuzz::must(meaning.value.size() <= greylist::max_fact_value, "the value fits its column");
    const bool says =
        meaning.kind == ListAnswer::Kind::listed || meaning.kind == ListAnswer::Kind::not_listed;
    fuzz::must(says != meaning.value.empty(), "a fact, or none");
    fuzz::must((meaning.kind == ListAnswer::Kind::refused) != meaning.code.empty(), "a code to tell");
    fuzz::must(meaning.kind != ListAnswer::Kind::listed || !answer.addresses.empty(),
               "nobody is listed without a record");
    const ListAnswer test = enrich::meaning_of_test(list, answer);
    fuzz::must(answer.addresses.empty() || test.kind == ListAnswer::Kind::refused,
               "it fails with any record");
    fuzz::must((test.kind == ListAnswer::Kind::refused) != test.code.empty(), "a code of the test to tell");
    fuzz::must(!has_refusal || !test.lists_everybody, "an error is no listing of everybody");
    enrich::shorten(answer, net::RecordType::a);
    fuzz::must(answer.addresses.size() <= 1000, "shortened");
    return 0;
}
