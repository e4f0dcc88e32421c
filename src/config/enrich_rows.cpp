// The rows of the table about what is found out of unknown clients.
#include "rows.hpp"
#include "sections.hpp"

namespace sqlgrey::config {
namespace {

using std::chrono::days;
using std::chrono::seconds;

Parameter milliseconds_row(const About& about, TimeRange range, base::Milliseconds Settings::*field) {
    Parameter made =
        row(about, Type::duration, shown_duration(range.least) + " to " + shown_duration(range.most),
            [=](Settings& settings, std::string_view text) {
                settings.*field = read_duration(text, "s", range);
            });
    made.unit = "s";
    return made;
}

std::vector<Parameter> question_rows() {
    return {
        flag_row({"enrich", "off",
                  "Ask DNS about unknown clients between their first attempt and the retry, in a process of "
                  "its own."},
                 &Settings::enrich),
        row({"dns_servers", "",
             "DNS servers to ask, addresses with or without a port, separated by commas; empty means those "
             "of /etc/resolv.conf."},
            Type::list, "", [](Settings& s, std::string_view v) { s.dns_servers = read_dns_servers(v); }),
        milliseconds_row({"dns_timeout", "2s", "How long to wait for the answer to a question to DNS."},
                         {base::Milliseconds{100}, base::Milliseconds{10'000}}, &Settings::dns_timeout),
        row({"dnswl", "",
             "DNS whitelists to ask about unknown clients, such as list.dnswl.org; several are separated by "
             "commas."},
            Type::list, "", [](Settings& s, std::string_view v) { s.dnswl = read_dnswl(v); }),
        row({"dnsbl", "",
             "DNS blacklists to ask about unknown clients, such as zen.spamhaus.org; several are separated "
             "by "
             "commas."},
            Type::list, "", [](Settings& s, std::string_view v) { s.dnsbl = read_dnsbl(v); }),
        row({"p0f_socket", "",
             "Socket of p0f, which guesses the operating system of unknown clients; empty means that it is "
             "not asked."},
            Type::path, "", [](Settings& s, std::string_view v) { s.p0f_socket = read_socket_path(v); }),
    };
}

std::vector<Parameter> effect_rows() {
    return {
        count_row({"dnsbl_threshold", "1",
                   "Sum of the weights of the blacklists that have a client from which the client counts as "
                   "listed."},
                  {1, 10'000}, &Settings::dnsbl_threshold),
        choice_row({"dnswl_pass", "off",
                    "Trust of a DNS whitelist from which a client is accepted without waiting: none, low, "
                    "medium or high; off means that no trust is enough."},
                   &Settings::dnswl_pass,
                   {{"off", DnswlPass::off},
                    {"none", DnswlPass::none},
                    {"low", DnswlPass::low},
                    {"medium", DnswlPass::medium},
                    {"high", DnswlPass::high}}),
        seconds_row({"dnsbl_delay", "0",
                     "How long a client on DNS blacklists must wait before a retry passes, if that is longer "
                     "than reconnect_delay; 0 means as long as others."},
                    "min", days{7}, seconds{0}, &Settings::dnsbl_delay),
        flag_row({"spf_identity", "off",
                  "Treat the clients that the SPF record of the sender's domain covers as one client: a "
                  "retry may come from any of them."},
                 &Settings::spf_identity),
        seconds_row({"spf_fail_delay", "0",
                     "How long a client that may not send for the sender's domain (SPF fail) must wait "
                     "before a retry passes, if that is longer than reconnect_delay; 0 means as long as "
                     "others."},
                    "min", days{7}, seconds{0}, &Settings::spf_fail_delay),
        milliseconds_row(
            {"first_contact_wait", "0",
             "How long the reply to a first attempt may wait for what DNS says, so that a client "
             "that need not wait is accepted at once; 0 means not at all."},
            {base::Milliseconds{0}, base::Milliseconds{2'000}}, &Settings::first_contact_wait),
    };
}

}  // namespace

std::vector<Parameter> enrich_rows() {
    std::vector<Parameter> rows = question_rows();
    for (Parameter& row : effect_rows()) rows.push_back(std::move(row));
    return rows;
}

}  // namespace sqlgrey::config
