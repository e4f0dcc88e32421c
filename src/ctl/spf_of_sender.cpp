// sqlgreyctl spf: whether a client may send mail of a domain, and which networks its SPF record covers.
#include "functions.hpp"
#include "rows.hpp"
#include "sqlgrey/dns/resolver.hpp"
#include "sqlgrey/mail/address.hpp"
#include "sqlgrey/spf/coverage.hpp"
#include "values.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>

namespace sqlgrey::ctl {
namespace {

using Clock = std::chrono::steady_clock;

// RFC 7208 section 4.6.4: at least 20 seconds.
constexpr base::Milliseconds most_time{20'000};
constexpr std::size_t longest_sender = 320;  // RFC 3696: 64, @, 255
constexpr std::size_t longest_name = 255;

// Asks until the function needs no more answers. What is not answered in time is a timeout.
template <typename Result, typename Function>
Result with_answers(dns::Resolver& resolver, net::DnsAnswers& answers, Clock::time_point end,
                    Function function) {
    while (true) {
        auto found = function(answers);
        if (auto* result = std::get_if<Result>(&found)) return std::move(*result);
        for (const net::DnsQuestion& question : std::get<spf::Questions>(found)) {
            answers[question] = {.kind = net::AnswerKind::timeout};
            if (Clock::now() < end) resolver.ask(question);
        }
        resolver.wait(
            std::max(std::chrono::ceil<base::Milliseconds>(end - Clock::now()), base::Milliseconds{0}));
        for (auto& [question, answer] : resolver.take_answers()) answers[question] = std::move(answer);
    }
}

// -- the command line --------------------------------------------------------------------------

net::Address client_of(const Invocation& invocation) {
    const std::string text = invocation.value_or("client", "");
    const auto address = net::parse_address(text);
    if (!address) throw UsageError("--client is \"" + text + "\", expected an IP address");
    return *address;
}

std::string helo_of(const Invocation& invocation) {
    std::string helo = invocation.value_or("helo", "unknown");
    if (helo.size() > longest_name)
        throw UsageError("--helo has " + std::to_string(helo.size()) + " bytes, expected at most " +
                         std::to_string(longest_name));
    return helo;
}

dns::ResolverSettings resolver_settings(const Invocation& invocation) {
    const auto text = invocation.value("dns-server");
    if (!text) return {};
    const auto server = dns::parse_server(*text);
    if (!server)
        throw UsageError("--dns-server is \"" + *text +
                         "\", expected 192.0.2.1, 192.0.2.1:5353, 2001:db8::1 or [2001:db8::1]:5353");
    return {.servers = {*server}};
}

// Options before arguments: a wrong option is named even if an argument is wrong too.
spf::Check check_of(const Invocation& invocation) {
    spf::Check check{.helo = helo_of(invocation)};
    if (!invocation.has("client")) throw UsageError("spf needs --client, the address that sends");
    check.client = client_of(invocation);
    const std::string sender = mail_address_of(invocation.arguments.front());
    if (sender.size() > longest_sender)
        throw UsageError("the sender has " + std::to_string(sender.size()) + " bytes, expected at most " +
                         std::to_string(longest_sender));
    if (sender == "<>" && !invocation.has("helo"))
        throw UsageError("a bounce has no domain: spf <> needs --helo, whose name is checked");
    if (sender != "<>") check.sender = sender;
    check.now = base::SystemClock{}.now();
    return check;
}

// -- the page ----------------------------------------------------------------------------------

class Page {
  public:
    explicit Page(Format format) : writer_(std::cout, format, {"what", "value"}) {}
    // Nothing for an empty value.
    void add(const char* what, const std::string& value) {
        if (!value.empty()) writer_.row({std::string{what}, value});
    }

  private:
    RowWriter writer_;
};

void add_result(Page& page, const spf::Result& result) {
    page.add("result", std::string{spf::name_of(result.verdict)});
    page.add("domain", result.domain);
    for (const std::string& term : result.terms) page.add("term", term);
    page.add("reason", result.reason);
    page.add("explanation", result.explanation);
}

void add_networks(Page& page, const spf::Coverage& coverage, const char* why) {
    for (const spf::Network& network : coverage.networks) page.add("network", spf::text_of(network));
    page.add(why, coverage.why_none);
}

int status_of(spf::Verdict verdict) {
    if (verdict == spf::Verdict::pass) return done;
    return verdict == spf::Verdict::temperror ? unavailable : failed;
}

}  // namespace

int spf_of_sender(const Invocation& invocation) {
    const dns::ResolverSettings settings = resolver_settings(invocation);
    const spf::Check check = check_of(invocation);
    dns::Resolver resolver{settings};
    net::DnsAnswers answers;
    const Clock::time_point end = Clock::now() + most_time;
    const auto result = with_answers<spf::Result>(
        resolver, answers, end, [&](const net::DnsAnswers& known) { return spf::evaluate(check, known); });
    Page page{format_of(invocation)};
    add_result(page, result);
    const std::string& whole = check.sender.empty() ? check.helo : check.sender;
    const std::string domain{mail::domain_after_last_at(whole).value_or(whole)};
    if (result.verdict == spf::Verdict::none) return status_of(result.verdict);
    for (const bool v6 : {false, true}) {
        const auto coverage = with_answers<spf::Coverage>(
            resolver, answers, end,
            [&](const net::DnsAnswers& known) { return spf::covered(domain, v6, known); });
        add_networks(page, coverage, v6 ? "no IPv6 network" : "no IPv4 network");
    }
    return status_of(result.verdict);
}

}  // namespace sqlgrey::ctl
