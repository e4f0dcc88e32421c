// SPF records, senders and names of any bytes. The input is lines: client, HELO, sender, then each "TYPE NAME
// DATA", a record of the zone. The evaluation ends, and asks only what it may.
#include "fuzz.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/spf/coverage.hpp"

#include <string>

using namespace sqlgrey;

namespace {

std::string_view cut_word(std::string_view& text) {
    const std::size_t end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return word;
}

net::DnsAnswers zone_of(std::string_view text) {
    net::DnsAnswers zone;
    while (!text.empty()) {
        std::string_view line = fuzz::cut_line(text);
        const std::string_view type = cut_word(line);
        const std::string name = base::ascii_lower(cut_word(line));
        const char letter = type.empty() ? 'T' : type[0];
        const net::RecordType kind = letter == 'A'   ? net::RecordType::a
                                     : letter == '6' ? net::RecordType::aaaa
                                     : letter == 'M' ? net::RecordType::mx
                                     : letter == 'P' ? net::RecordType::ptr
                                                     : net::RecordType::txt;
        net::DnsAnswer& answer = zone[{name, kind}];
        answer.kind = net::AnswerKind::records;
        if (const auto address = net::parse_address(line)) answer.addresses.push_back(*address);
        answer.texts.emplace_back(line);
    }
    return zone;
}

// Runs it to its end.
template <typename Result, typename Function>
Result with_zone(const net::DnsAnswers& zone, Function function) {
    net::DnsAnswers known;
    for (int calls = 0;; ++calls) {
        auto found = function(known);
        if (auto* result = std::get_if<Result>(&found)) return *result;
        const spf::Questions& questions = std::get<spf::Questions>(found);
        fuzz::must(!questions.empty() && calls < 40, "it goes on");
        for (const net::DnsQuestion& question : questions) {
            fuzz::must(net::is_dns_name(question.name), "a name that can be asked about");
            const auto there = zone.find(question);
            const net::DnsAnswer none{.kind = net::AnswerKind::nxdomain};
            fuzz::must(known.emplace(question, there == zone.end() ? none : there->second).second,
                       "asked once");
        }
        fuzz::must(known.size() <= 130, "so many questions");
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text = fuzz::text_of(data, size);
    spf::Check check;
    check.client = net::parse_address(fuzz::cut_line(text)).value_or(net::Address{});
    check.helo = fuzz::cut_line(text);
    check.sender = fuzz::cut_line(text);
    const net::DnsAnswers zone = zone_of(text);
    const auto evaluated = [&](const spf::Check& one) {
        return with_zone<spf::Result>(
            zone, [&](const net::DnsAnswers& known) { return spf::evaluate(one, known); });
    };
    const spf::Result result = evaluated(check);
    fuzz::must(result.explanation.size() <= 1000, "the explanation is cut");
    for (const bool v6 : {false, true}) {
        const auto coverage = with_zone<spf::Coverage>(
            zone, [&](const net::DnsAnswers& known) { return spf::covered("example.org", v6, known); });
        fuzz::must(coverage.networks.empty() != coverage.why_none.empty(), "networks or a reason");
        fuzz::must(coverage.networks.size() <= spf::most_networks, "so many networks");
        for (const spf::Network& network : coverage.networks) {
            const spf::Check covered{network.address, "helo.example.org", "a@example.org"};
            fuzz::must(evaluated(covered).verdict == spf::Verdict::pass, "what is covered passes");
        }
    }
    return 0;
}
